//! Commands: from words to a stored request.

use serde_json::json;

use crate::catalog::{DRY_RUN, Definition, Family, FieldError, Parsed, TicketRule, form, parse, parse_tree};
use crate::model::{Ack, AnswerMode, Fields, Invocation, Refusal, RefusalCode, RequestId, Staff, State, Tier, hex};
use crate::policy::PENDING_MOST;
use crate::store::{RequestRow, Tx};

use super::intake::{Arrival, Clean, Decided};
use super::{Engine, Fact, Trouble, say};

/// The options that a case fills in.
const FROM_CASE: [&str; 5] = ["org", "project", "user", "route", "ticket"];
/// How long a form may stay open.
const FORM_WITHIN_MS: i64 = 60 * crate::model::MINUTE_MS;

impl Engine {
    pub(super) async fn command(&self, tx: &mut Tx<'_>, arrival: &Arrival, staff: &Staff) -> Result<Decided, Trouble> {
        let catalog = &self.parts.catalog;
        let parsed = match &arrival.what {
            Clean::Line(line) => parse(catalog, line),
            Clean::Asked(text) => match parse(catalog, text) {
                // Somebody's words that are no command: what can be asked is the best answer.
                Parsed::Errors { action: None, .. } => Parsed::Help(None),
                parsed => parsed,
            },
            Clean::Tree { path, options } => parse_tree(catalog, path, options),
            Clean::Press { .. } | Clean::Submit { .. } | Clean::Note(_) => {
                return Err(Trouble::Bug("not a command".into()));
            }
        };
        match parsed {
            Parsed::Errors { action, errors, lacks } => {
                if let Some(invocation) = self.filled(tx, arrival, lacks).await? {
                    return self.invoke(tx, arrival, staff, invocation).await;
                }
                // Whoever may not ask here at all is told that first: filling in more options would not help.
                let at = self.at(&arrival.envelope.place).await?;
                if let Some(definition) = action.and_then(|name| catalog.find(name)).map(|found| found.definition())
                    && let Err(no) = self.policy().may_ask(staff, definition, definition.tier, at)
                {
                    return self.refuse_asked(tx, &staff.id, definition.name, &Fields::default(), &no).await;
                }
                self.unreadable(tx, staff, action, &errors).await
            }
            Parsed::Help(action) => {
                let mut fields = Fields::default();
                if let Some(action) = action {
                    fields.set("action", action);
                }
                self.invoke(tx, arrival, staff, Invocation { action: "help".into(), fields, dry_run: false }).await
            }
            Parsed::Form { action, mut filled } => {
                let more = self.fill(tx, arrival, action, &mut filled).await?;
                // What was said last about an incident is proposed, never sent again unseen.
                match complete(action, &filled).filter(|_| more && action.family != Family::Incident) {
                    Some(invocation) => self.invoke(tx, arrival, staff, invocation).await,
                    None => self.open_form(tx, arrival, staff, action, filled).await,
                }
            }
            Parsed::Invocation(mut invocation) => {
                if let Some(action) = catalog.find(&invocation.action) {
                    self.fill(tx, arrival, action.definition(), &mut invocation.fields).await?;
                }
                self.invoke(tx, arrival, staff, invocation).await
            }
        }
    }

    /// The same with what the case that lives here knows, where then nothing is missing.
    async fn filled(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        lacks: Option<Invocation>,
    ) -> Result<Option<Invocation>, Trouble> {
        let Some(Invocation { action, mut fields, dry_run }) = lacks else { return Ok(None) };
        let Some(found) = self.parts.catalog.find(&action) else { return Ok(None) };
        self.fill(tx, arrival, found.definition(), &mut fields).await?;
        Ok(complete(found.definition(), &fields).map(|whole| Invocation { dry_run, ..whole }))
    }

    /// What was not typed and the case that lives here knows. Whether that was anything.
    pub(super) async fn fill(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        definition: &Definition,
        fields: &mut Fields,
    ) -> Result<bool, Trouble> {
        match definition.family {
            // A case that is being opened takes nothing from another one.
            Family::Case if definition.option("case").is_none() => return Ok(false),
            Family::Incident => return self.fill_from_incident(arrival, definition, fields).await,
            _ => {}
        }
        let named = fields.get("case").and_then(|id| id.parse::<RequestId>().ok());
        let case = match &named {
            Some(id) => tx.case(id).await?,
            None => tx.case_here(&arrival.envelope.place).await?,
        };
        let Some(case) = case else { return Ok(false) };
        // What is known of one customer is not put beside another one's slug.
        if fields.get("org").is_some_and(|org| org != case.known("org")) {
            return Ok(false);
        }
        let before = fields.0.len();
        for name in definition.options.iter().map(|option| option.name).filter(|name| FROM_CASE.contains(name)) {
            if fields.get(name).is_none() && !case.known(name).is_empty() {
                fields.set(name, case.known(name));
            }
        }
        Ok(fields.0.len() > before)
    }

    async fn unreadable(
        &self,
        tx: &mut Tx<'_>,
        staff: &Staff,
        action: Option<&str>,
        errors: &[FieldError],
    ) -> Result<Decided, Trouble> {
        let reference = self.parts.ids.request();
        let details = json!({ "action": action, "errors": errors.len() });
        let fact = Fact {
            staff: Some(&staff.id),
            action: "refusal",
            request: Some(&reference),
            outcome: "bad_input",
            details,
        };
        self.audit(tx, fact).await?;
        let message = self.seal(say::unreadable(action, errors, &reference))?;
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(message)), request: None })
    }

    pub(super) async fn open_form(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        definition: &'static Definition,
        filled: Fields,
    ) -> Result<Decided, Trouble> {
        let at = self.at(&arrival.envelope.place).await?;
        if let Err(no) = self.policy().may_ask(staff, definition, definition.tier, at) {
            return self.refuse_asked(tx, &staff.id, definition.name, &filled, &no).await;
        }
        let id = self.parts.ids.request();
        let form = self.seal(form(definition, &id, &filled))?;
        let row = self.row(arrival, staff, &id, definition, filled, false, State::Form);
        tx.insert_request(&self.seal(row)?).await?;
        tx.set_timer("form", &id, arrival.now.plus_ms(FORM_WITHIN_MS)).await?;
        self.audit_asked(tx, staff, &id, definition, "form").await?;
        Ok(Decided { ack: Ack::Form(Box::new(form)), request: Some(id) })
    }

    /// Stores an invocation as a request to be prepared.
    pub(super) async fn invoke(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        invocation: Invocation,
    ) -> Result<Decided, Trouble> {
        let Some(action) = self.parts.catalog.find(&invocation.action) else {
            return Err(Trouble::Bug(format!("no action {}", invocation.action)));
        };
        let definition = action.definition();
        let at = self.at(&arrival.envelope.place).await?;
        if let Err(no) = self.policy().may_ask(staff, definition, definition.tier, at) {
            return self.refuse_asked(tx, &staff.id, definition.name, &invocation.fields, &no).await;
        }
        let tier = match self.checked(definition, &invocation.fields) {
            Ok(tier) => tier,
            Err(errors) => return self.unreadable(tx, staff, Some(definition.name), &errors).await,
        };
        if let Err(no) = self.policy().may_ask(staff, definition, tier, at) {
            return self.refuse_asked(tx, &staff.id, definition.name, &invocation.fields, &no).await;
        }
        if tier >= Tier::Second && tx.open_count(&staff.id).await? >= PENDING_MOST {
            return self.refuse_asked(tx, &staff.id, definition.name, &invocation.fields, &too_many()).await;
        }
        if let Some(no) = self.ticket_of_others(tx, &invocation.fields).await? {
            return self.refuse_asked(tx, &staff.id, definition.name, &invocation.fields, &no).await;
        }
        let key = definition.changes().then(|| open_key(staff, &invocation));
        if let Some(key) = &key
            && let Some(same) = tx.open_like(key).await?
        {
            return self.same_again(tx, arrival, &same).await;
        }
        let org = invocation.fields.get("org");
        let counts = tier > Tier::Look && !invocation.dry_run;
        if counts && let Some(no) = self.limit_reached(tx, &staff.id, (definition, org), None).await? {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &no).await;
        }
        let id = self.parts.ids.request();
        let dry = invocation.dry_run;
        let mut row = self.row(arrival, staff, &id, definition, invocation.fields, dry, State::Received);
        row.open_key = key;
        tx.insert_request(&self.seal(row)?).await?;
        if let Some(reply) = &arrival.envelope.reply {
            tx.put_handle(&id, &arrival.envelope.account, reply, AnswerMode::Fresh, arrival.now)?;
        }
        self.audit_asked(tx, staff, &id, definition, if dry { "dry_run" } else { "asked" }).await?;
        Ok(Decided { ack: Ack::Working(AnswerMode::Fresh), request: Some(id) })
    }

    /// The definition's own rules on the options, then the action's.
    pub(super) fn checked(&self, definition: &Definition, fields: &Fields) -> Result<Tier, Vec<FieldError>> {
        if definition.ticket == TicketRule::Must && fields.get("ticket").is_none() {
            let says = "A ticket is needed: `ticket=SUP-1234`.".to_owned();
            return Err(vec![FieldError { option: "ticket".into(), says }]);
        }
        match self.parts.catalog.find(definition.name) {
            Some(action) => action.check(fields),
            None => Ok(definition.tier),
        }
    }

    /// The same person asked the same thing, which is still open: they get the open one.
    async fn same_again(&self, tx: &mut Tx<'_>, arrival: &Arrival, id: &RequestId) -> Result<Decided, Trouble> {
        if let Some(reply) = &arrival.envelope.reply {
            tx.put_handle(id, &arrival.envelope.account, reply, AnswerMode::Fresh, arrival.now)?;
        }
        let row = tx.request(id).await?.ok_or_else(|| Trouble::Bug(format!("no request {id}")))?;
        let preview = match (row.state, tx.plan(id, row.revision).await?) {
            (State::Previewed, Some(plan)) => Some(self.preview(&row, &plan.plan)),
            _ => None,
        };
        let message = preview.unwrap_or_else(|| say::already_open(&row));
        let ack = Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?));
        Ok(Decided { ack, request: Some(id.clone()) })
    }

    #[expect(clippy::too_many_arguments, reason = "a row has these columns, each from somewhere else")]
    fn row(
        &self,
        arrival: &Arrival,
        staff: &Staff,
        id: &RequestId,
        definition: &Definition,
        fields: Fields,
        dry_run: bool,
        state: State,
    ) -> RequestRow {
        RequestRow {
            id: id.clone(),
            action: definition.name.to_owned(),
            version: definition.version,
            dry_run,
            requester: staff.id.clone(),
            account: arrival.envelope.account.clone(),
            place: arrival.envelope.place.clone(),
            ticket: fields.get("ticket").map(str::to_owned),
            org: fields.get("org").map(str::to_owned),
            fields,
            state,
            revision: 0,
            asked: arrival.now,
            changed: arrival.now,
            outcome: String::new(),
            open_key: None,
        }
    }

    async fn audit_asked(
        &self,
        tx: &mut Tx<'_>,
        staff: &Staff,
        id: &RequestId,
        definition: &Definition,
        outcome: &str,
    ) -> Result<(), Trouble> {
        let details = json!({ "version": definition.version });
        self.audit(tx, Fact { staff: Some(&staff.id), action: definition.name, request: Some(id), outcome, details })
            .await
    }
}

/// The invocation, where nothing that is required is missing.
pub(super) fn complete(definition: &Definition, filled: &Fields) -> Option<Invocation> {
    let required = definition.options.iter().filter(|option| option.required);
    if definition.options.is_empty() || required.into_iter().any(|option| filled.get(option.name).is_none()) {
        return None;
    }
    let mut fields = filled.clone();
    let dry_run = fields.0.remove(DRY_RUN).is_some();
    Some(Invocation { action: definition.name.into(), fields, dry_run })
}

/// What makes two requests of one person the same open thing.
fn open_key(staff: &Staff, invocation: &Invocation) -> String {
    let fields = serde_json::to_string(&invocation.fields).unwrap_or_default();
    let text = format!("{}\n{}\n{}\n{fields}", staff.id, invocation.action, invocation.dry_run);
    hex(ring::digest::digest(&ring::digest::SHA256, text.as_bytes()).as_ref())
}

fn too_many() -> Refusal {
    Refusal::new(
        RefusalCode::Limit,
        "You have too many requests waiting for agreement.",
        format!("At most {PENDING_MOST} may wait at once, so that approvers read each."),
        "Wait for one to be answered, or cancel one.",
    )
}
