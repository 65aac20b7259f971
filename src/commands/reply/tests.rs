//! Tests of the reply to a customer: what its preview says, what holds it back, and what its verdict believes.

use super::*;
use crate::catalog::{Catalog, Runbook, digest};
use crate::guard::{FingerprintKey, Guard, Untrusted};
use crate::incidents::lint::LintKind;
use crate::model::{
    Block, CaseClass, CheckResult, CustomerReply, DeliveryLine, DeliveryState, Effect, Millis, Place, Platform, Proof,
    Staff, Tone,
};
use crate::ports::{Fault, Rights, Ruling};

const TEXT: &str = "It works again.\nPlease sign in once more.";

/// Kim and Will are on the staff.
struct Desk;

impl Rights for Desk {
    fn ruling(&self, _: &Staff, _: &str, _: &Place) -> Ruling {
        Ruling { may: false, because: String::new(), agreement: String::new() }
    }

    fn agrees(&self, _: &Staff, _: Tier) -> Vec<Staff> {
        Vec::new()
    }

    fn staff(&self, name: &str) -> Option<Staff> {
        let known = ["Kim", "Will Li"].into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let id = known.to_lowercase().replace(' ', "-").parse().ok()?;
        let (roles, groups) = Default::default();
        Some(Staff { id, name: known.to_owned(), roles, email: None, accounts: Vec::new(), groups })
    }
}

fn runbook() -> Reply {
    let mut rules = LintRules::of(Guard::new(FingerprintKey::new([7; 32])));
    rules.orgs = vec!["acme".into(), "globex".into()];
    rules.customers = vec!["Acme".into(), "Globex".into()];
    rules.hosts = vec![".seqn.example".into()];
    Reply { rules }
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    let mut fields = Fields::default();
    let usual = [("text", TEXT), ("org", "acme"), ("ticket", "SUP-7")];
    usual.iter().chain(pairs).for_each(|(name, value)| fields.set(name, *value));
    fields
}

fn rt() -> Readers {
    Readers::Correspondents { requestors: vec!["jo@acme.example".into()], copies: vec!["ada@acme.example".into()] }
}

fn repository(private: Option<bool>) -> Readers {
    Readers::Repository { name: "seqn/support".into(), private }
}

fn seen(readers: Readers) -> Facts {
    let url = Some("https://rt.example/7".to_owned());
    let ticket = Ok(Some(TicketState { open: true, title: "Orders are late".into(), url }));
    let tracker = Some(Seen { name: "Request Tracker", ticket, readers: Ok(Some(readers)) });
    Facts { case: None, tracker, replies: Vec::new(), shown: None }
}

/// What comes of that for the request of that id.
fn asked<T>(request: &str, then: impl FnOnce(&Asked<'_>) -> T) -> T {
    let place = Place {
        platform: Platform::Console,
        team: String::new(),
        channel: "terminal".into(),
        thread: None,
        direct: false,
    };
    let (request, catalog, now) = (request.parse().expect("an id"), Catalog::default(), Millis(1_793_610_000_000));
    let asker = Desk.staff("kim").expect("a member of staff");
    then(&Asked { request: &request, asker: &asker, place: &place, asked: now, now, catalog: &catalog, rights: &Desk })
}

fn planned(pairs: &[(&str, &str)], facts: &Facts) -> Plan {
    let input = runbook().read(&fields(pairs)).expect("sound options");
    asked("rq-abc123", |asked| runbook().plan(asked, &input, facts))
}

fn shown(plan: &Plan) -> String {
    serde_json::to_string(&plan.blocks).expect("blocks")
}

fn reply_of(plan: &Plan) -> CustomerReply {
    match &plan.steps[..] {
        [step] => match &step.effect {
            Effect::Reply { reply, .. } => reply.clone(),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_preview_shows_the_text_the_ticket_who_reads_it_and_that_it_stays() {
    let plan = planned(&[], &seen(rt()));
    assert_eq!((plan.title.as_str(), plan.tier), ("Send this to the customer on SUP-7?", Tier::Confirm));
    assert_eq!(plan.yes.as_deref(), Some("Send to the customer"));
    assert!(plan.blocks.contains(&Block::Code(TEXT.into())), "word for word");
    let shown = shown(&plan);
    for part in [
        "Request Tracker, SUP-7: Orders are late",
        "jo@acme.example, with copies to ada@acme.example",
        "It cannot be taken back.",
        "Orders are late (ref ",
        "no name of the staff",
        "https://rt.example/7",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let reply = reply_of(&plan);
    assert_eq!((reply.text.as_str(), reply.title.as_str()), (TEXT, "Orders are late"));
    let outside = format!("{} {}", reply.heading(), reply.text);
    assert!(!outside.contains("rq-") && !outside.contains("abc123"), "{outside}");
    assert!(!plan.outline.contains("works"), "the channel is not told the text");
}

#[test]
fn who_reads_a_comment_on_github_is_said_as_github_says_it() {
    for (private, says) in [
        (Some(true), "everybody who was let into the private repository seqn/support"),
        (Some(false), "EVERYBODY: the repository seqn/support is public"),
        (None, "GitHub does not say whether it is private"),
    ] {
        let plan = planned(&[], &seen(repository(private)));
        assert!(shown(&plan).contains(says) && !shown(&plan).contains("Subject of the mail"), "{private:?}");
    }
}

#[test]
fn what_is_confirmed_is_that_text_for_those_readers_on_that_ticket() {
    let of = |pairs: &[(&str, &str)], facts: &Facts| digest(&DEFINITION, &planned(pairs, facts));
    let first = of(&[], &seen(rt()));
    assert_eq!(first, of(&[], &seen(rt())));
    assert_ne!(first, of(&[("text", "It works again.")], &seen(rt())));
    assert_ne!(first, of(&[("ticket", "SUP-8")], &seen(rt())));
    let more =
        Readers::Correspondents { requestors: vec!["jo@acme.example".into()], copies: vec!["x@y.example".into()] };
    assert_ne!(first, of(&[], &seen(more)));
    assert_ne!(of(&[], &seen(repository(Some(true)))), of(&[], &seen(repository(Some(false)))));
}

#[test]
fn what_a_customer_may_not_read_holds_it_back_until_a_second_person_agrees() {
    for (text, kind) in [
        ("Globex has it too", "customer"),
        ("org=globex has it too", "account"),
        ("as jo@globex.example saw", "email"),
        ("db-1.seqn.example was down", "hostname"),
        ("see rq-1a2b3c", "reference"),
        ("see aud_0012", "reference"),
        ("https://seqn.slack.com/archives/C1/p2", "reference"),
        ("https://discord.com/channels/1/2/3", "reference"),
        ("Kim looked at it", "mention"),
        ("that is Kim's opinion", "mention"),
        ("ask Will Li about it", "mention"),
        ("@here it works", "mention"),
        ("<!channel> from 203.0.113.7", "ip"),
    ] {
        let held = planned(&[("text", text)], &seen(rt()));
        assert!(held.steps.is_empty() && held.title.contains("may not be said"), "{text}: {}", held.title);
        assert!(shown(&held).contains(&format!("override={kind}")), "{text}: {}", shown(&held));
        let kinds = LintKind::ALL.map(LintKind::word).into_iter().filter(|word| *word != "secret");
        let all = kinds.collect::<Vec<_>>().join(",");
        let waived = planned(&[("text", text), ("override", &all), ("reason", "they asked for it")], &seen(rt()));
        assert_eq!((waived.steps.len(), waived.tier), (1, Tier::Second), "{text}");
        assert!(shown(&waived).contains("Said all the same"), "{text}");
    }
    for text in ["we will see, kim-like or not", "Acme is back, says org=acme", "it is fixed"] {
        assert_eq!(planned(&[("text", text)], &seen(rt())).steps.len(), usize::from(!text.contains("org=")), "{text}");
    }
}

#[test]
fn a_customer_reads_its_own_name_where_nobody_else_does() {
    let text = [("text", "Acme is back")];
    assert_eq!(planned(&text, &seen(rt())).steps.len(), 1);
    assert_eq!(planned(&text, &seen(repository(Some(true)))).steps.len(), 1);
    for open in [Some(false), None] {
        assert!(planned(&text, &seen(repository(open))).steps.is_empty(), "{open:?}");
    }
}

#[test]
fn a_secret_is_never_sent_whoever_agrees() {
    let text = format!("your key is {}", ["sk", "live", "a1B2c3D4e5F6g7H8i9J0k1L2"].join("_"));
    let plan = planned(&[("text", &text), ("override", "token"), ("reason", "they asked for it")], &seen(rt()));
    assert!(plan.steps.is_empty() && shown(&plan).contains("cannot be overridden"), "{}", shown(&plan));
    let secret = runbook().read(&fields(&[("override", "secret"), ("reason", "they asked for it")]));
    assert!(secret.is_err_and(|errors| errors[0].says.contains("never sent")));
}

#[test]
fn where_it_cannot_be_known_who_reads_it_nothing_is_sent() {
    let error = || PortError::new("request-tracker", Fault::Failing { status: 503 });
    let mut down = seen(rt());
    down.tracker.as_mut().expect("one").ticket = Err(error());
    let mut unread = seen(rt());
    unread.tracker.as_mut().expect("one").readers = Err(error());
    let mut closed = seen(rt());
    let state = TicketState { open: false, title: String::new(), url: None };
    closed.tracker.as_mut().expect("one").ticket = Ok(Some(state));
    let mut gone = seen(rt());
    gone.tracker.as_mut().expect("one").ticket = Ok(None);
    let nobody = seen(Readers::Correspondents { requestors: Vec::new(), copies: Vec::new() });
    for (facts, says) in [
        (down, "I could not ask Request Tracker"),
        (unread, "I could not ask Request Tracker"),
        (closed, "The ticket SUP-7 is closed."),
        (gone, "The tracker has no ticket SUP-7."),
        (nobody, "Nobody would get it"),
    ] {
        let plan = planned(&[], &facts);
        assert!(plan.steps.is_empty() && plan.title.starts_with(says), "{says}: {}", plan.title);
    }
    let none = Facts { tracker: None, ..seen(rt()) };
    let plan = planned(&[], &none);
    assert!(plan.steps.is_empty() && plan.blocks.contains(&Block::Code(TEXT.into())), "what to send by hand");
    assert!(shown(&plan).contains("Open SUP-7 where your tickets are kept"));
}

#[test]
fn a_case_of_another_customer_is_refused() {
    let facts = Facts { case: Some(None), ..seen(rt()) };
    let plan = planned(&[("case", "rq-none")], &facts);
    assert!(plan.steps.is_empty() && plan.title.starts_with("There is no case rq-none."), "{}", plan.title);
    let mut intake = Fields::default();
    intake.set("org", "globex");
    let place = asked("rq-other", |asked| asked.place.clone());
    let case = CaseFile {
        id: "rq-other".parse().expect("an id"),
        open: true,
        class: CaseClass::Webhook,
        intake,
        place,
        opened_by: "kim".parse().expect("an id"),
        opened: Millis(0),
        outcome: String::new(),
        steps: Vec::new(),
        notes: Vec::new(),
    };
    let plan = planned(&[("case", "rq-other")], &Facts { case: Some(Some(case)), ..seen(rt()) });
    assert!(plan.steps.is_empty() && plan.title.contains("is one of globex, not of acme"), "{}", plan.title);
}

fn owed(request: &str, text: &str, state: DeliveryState) -> OwedReply {
    let reply = CustomerReply {
        ticket: "SUP-7".parse().expect("a ticket"),
        title: "Orders are late".into(),
        text: text.into(),
        mark: "0a1b2c3d".into(),
    };
    let sent = state == DeliveryState::Sent;
    let line = DeliveryLine {
        key: format!("{request}:reply"),
        target: "tracker".into(),
        update: 0,
        audience: None,
        state,
        attempts: 1,
        next_try: None,
        why: if sent { String::new() } else { "Request Tracker is failing (503).".into() },
        proof: sent.then(Proof::default),
        ended: sent.then_some(Millis(1_793_600_000_000)),
        maybe_twice: false,
    };
    OwedReply { request: Some(request.parse().expect("an id")), reply, line }
}

#[test]
fn the_same_text_again_is_said_and_can_be_sent() {
    let mut facts = seen(rt());
    facts.replies = vec![owed("rq-before", TEXT, DeliveryState::Sent)];
    let plan = planned(&[], &facts);
    assert!(shown(&plan).contains("WARNING: the same text was sent there at") && plan.steps.len() == 1);
    facts.replies = vec![owed("rq-before", "something else", DeliveryState::Sent)];
    assert!(!shown(&planned(&[], &facts)).contains("WARNING"));
    // What this request itself has sent is no other reply: its plan must stay the same while it runs.
    facts.replies = vec![owed("rq-abc123", TEXT, DeliveryState::Sent)];
    assert!(!shown(&planned(&[], &facts)).contains("WARNING"));
}

#[test]
fn only_what_the_tracker_shows_as_it_was_sent_is_confirmed() {
    use DeliveryState::{Failed, Owed, Sent};
    let there =
        |as_sent| Some(Ok(Some(Replied { as_sent, id: "transaction 9".into(), url: Some("https://rt/9".into()) })));
    let down = || Some(Err(PortError::new("request-tracker", Fault::Failing { status: 503 })));
    let cases = [
        (Some(Sent), there(true), true, false, "The reply (transaction 9)"),
        (Some(Sent), there(false), false, false, "transaction 9 has another text than was sent"),
        (Some(Sent), Some(Ok(None)), false, false, "does not show it"),
        (Some(Sent), down(), false, true, "the tracker took it. Request Tracker is failing (503)"),
        (Some(Owed), None, false, true, "has not taken it yet. Request Tracker is failing (503)"),
        (Some(Failed), None, false, false, "it was given up. Request Tracker is failing (503)"),
        (None, None, false, false, "it is not owed to the tracker"),
    ];
    for (state, shown, confirmed, later, says) in cases {
        let mut facts = Facts { shown, ..seen(rt()) };
        facts.replies.push(owed("rq-before", TEXT, Sent));
        facts.replies.extend(state.map(|state| owed("rq-abc123", TEXT, state)));
        let input = runbook().read(&fields(&[])).expect("sound options");
        let plan = Plan::answer(Tone::Plain, "", Vec::new());
        let verdict = asked("rq-abc123", |asked| runbook().verify(asked, &input, &plan, &facts));
        assert_eq!((verdict.confirmed(), verdict.later), (confirmed, later), "{says}");
        let all = serde_json::to_string(&verdict).expect("a verdict");
        assert!(all.contains(says), "{says}: {all}");
        let silent = matches!(verdict.checks[0].result, CheckResult::Confirmed);
        assert_eq!(silent, confirmed, "{says}");
    }
}

#[test]
fn a_text_has_a_length_and_is_not_nothing() {
    for (text, ok) in [("", false), ("  \n ", false), ("ok", true), ("line one\r\nline two", true)] {
        assert_eq!(runbook().read(&fields(&[("text", text)])).is_ok(), ok, "{text:?}");
    }
    let long = "ö".repeat(usize::from(TEXT_CHARS) + 1);
    let invocation = format!("case reply text=\"{long}\" org=acme ticket=SUP-7");
    let catalog = Catalog::new(vec![std::sync::Arc::new(runbook())]);
    let guard = Guard::new(FingerprintKey::new([7; 32]));
    let line = guard.admit(Untrusted::new(invocation)).expect("no secret");
    let parsed = crate::catalog::parse(&catalog, &line);
    assert!(format!("{parsed:?}").contains("2,000"), "the limit is named");
}
