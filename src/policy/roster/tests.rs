//! The merge as a table, and what became of rights.

use super::*;
use crate::model::{Millis, Platform};

const MIRA: &str = "00000000-0000-4000-8000-00000000000a";
const EVE: &str = "00000000-0000-4000-8000-00000000000b";
const TWIN: &str = "00000000-0000-4000-8000-00000000000c";

fn id(text: &str) -> IdentityId {
    text.parse().expect("a uuid")
}

fn slack(user: &str) -> Account {
    Account { platform: Platform::Slack, team: "T0SEQN".into(), user: user.into() }
}

fn configured(id: &str, roles: &[Role], accounts: &[&str]) -> Staff {
    Staff {
        id: id.parse().expect("an id"),
        name: id.into(),
        roles: roles.iter().cloned().collect(),
        accounts: accounts.iter().map(|user| slack(user)).collect(),
        email: None,
        groups: BTreeSet::new(),
    }
}

/// Kim is local; Mira is the one with that uuid at Authentik.
fn rules() -> Rules {
    let staff = vec![configured("kim", &[Role::SUPPORT], &["U0KIM"]), configured("mira", &[], &["U0MIRA"])];
    Rules { staff, slack_team: "T0SEQN".into(), ..Rules::default() }
}

fn joined() -> Joined {
    let groups = [("SEQN-A", Role::ADMIN), ("SEQN-Support", Role::SUPPORT)];
    Joined {
        groups: groups.into_iter().map(|(group, role)| (group.to_owned(), role)).collect(),
        linked: BTreeMap::from([("mira".parse().expect("an id"), id(MIRA))]),
    }
}

fn member(uuid: &str, groups: &[&str], slack: &[&str]) -> RosterPerson {
    RosterPerson {
        id: id(uuid),
        username: "user".into(),
        name: "Eve Marsh".into(),
        active: true,
        human: true,
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        slack: slack.iter().map(|value| (*value).to_owned()).collect(),
        discord: Vec::new(),
    }
}

fn with(people: Vec<RosterPerson>) -> Everybody {
    everybody(&rules(), &joined(), Some(&Roster { people, missing: BTreeSet::new() }), &[])
}

/// Everybody in a line: id, roles, accounts.
fn lines(all: &Everybody) -> Vec<String> {
    let line = |staff: &Staff| {
        let roles: Vec<&str> = staff.roles.iter().map(Role::as_str).collect();
        let accounts: Vec<&str> = staff.accounts.iter().map(|account| account.user.as_str()).collect();
        let id = staff.id.as_str().replace("00000000-0000-4000-8000-00000000000", "");
        format!("{id} [{}] [{}]", roles.join(" "), accounts.join(" "))
    };
    all.staff.iter().map(line).collect()
}

fn says(all: &Everybody, part: &str) -> usize {
    all.remarks.iter().filter(|remark| remark.says.contains(part)).count()
}

const KIM: &str = "kim [support] [U0KIM]";
const NO_MIRA: &str = "mira [] [U0MIRA]";

/// What happens, the members there, everybody afterwards, and what is remarked how often.
type Row<'a> = (&'a str, Vec<RosterPerson>, Vec<&'a str>, &'a str, usize);

fn about_rights() -> Vec<Row<'static>> {
    let inactive = RosterPerson { active: false, ..member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"]) };
    let service = RosterPerson { human: false, ..member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"]) };
    let both = RosterPerson {
        discord: vec!["910000000000000007".into()],
        ..member(EVE, &["SEQN-A", "SEQN-Support"], &["T0SEQN/U0EVE"])
    };
    let eve = member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"]);
    vec![
        ("nobody is a member", vec![], vec![KIM, NO_MIRA], "none of the mapped groups", 1),
        (
            "a linked person has the groups' roles",
            vec![member(MIRA, &["SEQN-A"], &[])],
            vec![KIM, "mira [admin] [U0MIRA]"],
            "",
            0,
        ),
        (
            "a person of the roster alone",
            vec![both],
            vec![KIM, NO_MIRA, "ak-b [admin support] [U0EVE 910000000000000007]"],
            "none of the mapped groups",
            1,
        ),
        ("inactive", vec![inactive], vec![KIM, NO_MIRA], "is inactive", 1),
        ("a service account", vec![service], vec![KIM, NO_MIRA], "no person's account", 1),
        ("other groups", vec![member(EVE, &["staff"], &["T0SEQN/U0EVE"])], vec![KIM, NO_MIRA], "is inactive", 0),
        ("no group", vec![member(EVE, &[], &["T0SEQN/U0EVE"])], vec![KIM, NO_MIRA], "no chat account", 0),
        ("a uuid is there twice", vec![eve.clone(), eve], vec![KIM, NO_MIRA], "have this uuid", 1),
    ]
}

fn about_accounts() -> Vec<Row<'static>> {
    let eve = |accounts: &[&str]| member(EVE, &["SEQN-A"], accounts);
    let bare = vec![KIM, NO_MIRA, "ak-b [admin] []"];
    vec![
        (
            "attributes add to a linked person's accounts",
            vec![member(MIRA, &["SEQN-Support"], &["T0SEQN/U0OTHER", "T0SEQN/U0MIRA"])],
            vec![KIM, "mira [support] [U0MIRA U0OTHER]"],
            "",
            0,
        ),
        ("no account", vec![eve(&[])], bare.clone(), "no chat account", 1),
        ("another workspace", vec![eve(&["T0OTHER/U0PAT"])], bare.clone(), "of another workspace", 1),
        (
            "what is no account",
            vec![eve(&["@eve", "T0SEQN/U0EVE", ""])],
            vec![KIM, NO_MIRA, "ak-b [admin] [U0EVE]"],
            "what is no account",
            2,
        ),
        ("too many", vec![eve(&["T0SEQN/U0EVE"; ACCOUNTS_MOST + 1])], bare, "more than 8 accounts", 1),
        (
            "two of the roster claim one account",
            vec![eve(&["T0SEQN/U0EVE"]), member(TWIN, &["SEQN-A"], &["T0SEQN/U0EVE"])],
            vec![KIM, NO_MIRA, "ak-b [admin] []", "ak-c [admin] []"],
            "Is claimed by ak-00000000-0000-4000-8000-00000000000b and ak-",
            1,
        ),
        (
            "a configured account is claimed",
            vec![eve(&["T0SEQN/U0KIM"])],
            vec!["kim [support] []", NO_MIRA, "ak-b [admin] []"],
            "Is claimed by kim and ak-",
            1,
        ),
    ]
}

#[test]
fn the_two_sources_become_one_list() {
    for (what, people, want, remark, times) in about_rights().into_iter().chain(about_accounts()) {
        let all = with(people);
        assert_eq!(lines(&all), want, "{what}");
        let found = if remark.is_empty() { 0 } else { says(&all, remark) };
        assert_eq!(found, times, "{what}: {:?}", all.remarks);
    }
}

#[test]
fn a_contested_account_is_known_as_that() {
    let all = with(vec![member(EVE, &["SEQN-A"], &["T0SEQN/U0KIM"])]);
    assert_eq!(all.contested, BTreeSet::from([slack("U0KIM")]));
    assert!(with(vec![]).contested.is_empty());
}

#[test]
fn without_a_roster_only_local_people_have_a_right() {
    let all = everybody(&rules(), &joined(), None, &[]);
    assert_eq!((lines(&all), all.remarks), (vec![KIM.to_owned(), NO_MIRA.to_owned()], vec![]));
}

#[test]
fn roles_written_for_a_linked_person_count_for_nothing() {
    let mut rules = rules();
    rules.staff[1].roles.insert(Role::SECURITY);
    assert_eq!(lines(&everybody(&rules, &joined(), None, &[])), [KIM, NO_MIRA]);
}

#[test]
fn an_id_that_is_somebody_elses_already_is_nobodys() {
    let mut rules = rules();
    rules.staff.push(configured(&format!("{FROM_AUTHENTIK}{EVE}"), &[Role::LEAD], &["U0LEE"]));
    let roster = Roster { people: vec![member(EVE, &["SEQN-A"], &[])], missing: BTreeSet::new() };
    let all = everybody(&rules, &joined(), Some(&roster), &[]);
    assert_eq!((lines(&all), says(&all, "neither has a right")), (vec![KIM.to_owned(), NO_MIRA.to_owned()], 1));
}

#[test]
fn nobody_takes_somebody_elses_name() {
    let called = |name: &str| RosterPerson { name: name.into(), ..member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"]) };
    for (name, shown) in [("MIRA", "MIRA (ak-00000000)"), ("Eve Marsh", "Eve Marsh"), ("", "user")] {
        let all = with(vec![called(name)]);
        assert_eq!(all.staff[2].name, shown);
        assert_eq!(all.staff[1].name, "mira", "who was there first keeps the name");
        assert_eq!(says(&all, "could agree with each other"), usize::from(name == "MIRA"));
    }
}

#[test]
fn a_group_that_is_not_there_is_said() {
    let roster = Roster { people: vec![], missing: BTreeSet::from(["SEQN-A".to_owned()]) };
    let all = everybody(&rules(), &joined(), Some(&roster), &[]);
    assert!(all.remarks.iter().any(|remark| remark.about == "SEQN-A" && remark.says.contains("no such group")));
}

#[test]
fn what_became_of_rights_is_said_once() {
    let before = with(vec![member(MIRA, &["SEQN-A"], &[])]).staff;
    let now = with(vec![member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"])]).staff;
    let changed = changes(&before, &now);
    let says: Vec<String> = changed.iter().map(|c| format!("{} {:?} {:?}", c.now.id, c.gained, c.lost)).collect();
    let eve = format!("{FROM_AUTHENTIK}{EVE}");
    let (admin, none) = (format!("{:?}", [Role::ADMIN]), "[]");
    assert_eq!(says, [format!("mira {none} {admin}"), format!("{eve} {admin} {none}")]);
    assert_eq!(changed[1].linked, [slack("U0EVE")]);
    assert!(changes(&now, &now).is_empty());
    // Whoever is gone from both lists is kept without a right.
    let gone = changes(&now, &before);
    let eve = gone.iter().find(|change| change.now.id.as_str() == eve).expect("a change");
    assert!(eve.now.roles.is_empty() && eve.now.accounts.is_empty());
    assert_eq!((&eve.lost[..], &eve.unlinked[..]), (&[Role::ADMIN][..], &[slack("U0EVE")][..]));
}

fn linked(user: &str, to: LinkedTo) -> AccountLink {
    AccountLink {
        request: "rq-link".parse().expect("an id"),
        account: slack(user),
        to,
        by: "mira".parse().expect("an id"),
        agreed: vec!["ops".parse().expect("an id")],
        at: Millis(7),
    }
}

#[test]
fn a_link_gives_an_account_beside_the_attributes() {
    let to_eve = |user: &str| linked(user, LinkedTo::Identity(id(EVE)));
    let to_kim = linked("U0KIM2", LinkedTo::Staff("kim".parse().expect("an id")));
    let to_mira = linked("U0MIRA2", LinkedTo::Identity(id(MIRA)));
    let eve = || Roster { people: vec![member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"])], missing: BTreeSet::new() };
    let foreign = AccountLink { account: Account { team: "T0OTHER".into(), ..slack("U0PAT") }, ..to_eve("U0PAT") };
    let gone = linked("U0X", LinkedTo::Identity(id(TWIN)));
    // What is linked, everybody afterwards, and what is remarked.
    for (links, want, remark) in [
        (vec![to_eve("U0EVE2")], vec![KIM, NO_MIRA, "ak-b [admin] [U0EVE U0EVE2]"], ""),
        (vec![to_kim], vec!["kim [support] [U0KIM U0KIM2]", NO_MIRA, "ak-b [admin] [U0EVE]"], ""),
        (vec![to_mira], vec![KIM, "mira [] [U0MIRA U0MIRA2]", "ak-b [admin] [U0EVE]"], ""),
        (vec![to_eve("U0EVE")], vec![KIM, NO_MIRA, "ak-b [admin] [U0EVE]"], ""),
        (vec![to_eve("U0KIM")], vec!["kim [support] []", NO_MIRA, "ak-b [admin] [U0EVE]"], "Is claimed by kim and ak-"),
        (vec![gone], vec![KIM, NO_MIRA, "ak-b [admin] [U0EVE]"], "who is nobody of the staff now"),
        (vec![foreign], vec![KIM, NO_MIRA, "ak-b [admin] [U0EVE]"], "of another workspace"),
    ] {
        let all = everybody(&rules(), &joined(), Some(&eve()), &links);
        assert_eq!(lines(&all), want, "{links:?}");
        assert!(remark.is_empty() || says(&all, remark) == 1, "{remark}: {:?}", all.remarks);
    }
    // Who has no right any more is nobody, whatever is linked; and whoever has an account by a link alone is not missed.
    assert_eq!(lines(&everybody(&rules(), &joined(), None, &[to_eve("U0EVE2")])), [KIM, NO_MIRA]);
    let bare = Roster { people: vec![member(EVE, &["SEQN-A"], &[])], missing: BTreeSet::new() };
    let all = everybody(&rules(), &joined(), Some(&bare), &[to_eve("U0EVE2")]);
    assert_eq!((lines(&all)[2].as_str(), says(&all, "no chat account")), ("ak-b [admin] [U0EVE2]", 0));
}

#[test]
fn where_an_account_comes_from_is_known() {
    let roster = Roster { people: vec![member(EVE, &["SEQN-A"], &["T0SEQN/U0EVE"])], missing: BTreeSet::new() };
    let links = [linked("U0KIM", LinkedTo::Identity(id(EVE)))];
    let all = everybody(&rules(), &joined(), Some(&roster), &links);
    let eve: StaffId = format!("{FROM_AUTHENTIK}{EVE}").parse().expect("an id");
    let kim: StaffId = "kim".parse().expect("an id");
    assert_eq!(all.claims[&slack("U0EVE")], [(eve.clone(), Origin::Attribute)]);
    assert_eq!(all.claims[&slack("U0MIRA")], [("mira".parse().expect("an id"), Origin::Configuration)]);
    let both = [(kim, Origin::Configuration), (eve, Origin::from(&links[0]))];
    assert_eq!(all.claims[&slack("U0KIM")], both, "who claims it is known, also where nobody has it");
}
