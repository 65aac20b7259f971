//! `[identity]`, and who of `[[staff]]` is at Authentik too.

use super::*;
use crate::model::Role;

const UUID: &str = "0f8fad5b-d9cb-469f-a165-70867728950e";
const IDENTITY: &str = "[identity]\nsource = \"authentik\"\n";

fn mira(lines: &str) -> String {
    format!("[[staff]]\nid = \"mira\"\nauthentik = \"{UUID}\"\n{lines}\n")
}

fn with(identity: &str, staff: &str) -> String {
    written(STORE, SLACK, DISCORD, &format!("{identity}{staff}"))
}

#[test]
fn without_the_section_only_the_file_counts() {
    let config = parse(&with("", STAFF), &look_up).unwrap_or_else(|_| unreachable!());
    assert!(config.identity.is_none());
}

#[test]
fn groups_give_roles_and_the_admins_are_there_by_themselves() {
    let groups = "every = \"45s\"\n[identity.groups]\n\"SEQN-Support\" = \"support\"\n\"Night shift\" = \"night\"\n";
    let text = with(&format!("{IDENTITY}{groups}"), &mira("slack = \"T0SEQN/U0MIRA\""));
    let config =
        parse(&text, &look_up).map_err(|errors| unreachable!("{errors:?}")).unwrap_or_else(|()| unreachable!());
    let identity = config.identity.unwrap_or_else(|| unreachable!());
    let roles: Vec<(&str, &str)> = identity.joined.groups.iter().map(|(g, role)| (g.as_str(), role.as_str())).collect();
    assert_eq!(roles, [("Night shift", "night"), ("SEQN-A", "admin"), ("SEQN-Support", "support")]);
    assert_eq!((identity.every_ms, identity.slack_attribute.as_str()), (45_000, "seqn_slack"));
    let linked: Vec<(&str, &str)> =
        identity.joined.linked.iter().map(|(id, uuid)| (id.as_str(), uuid.as_str())).collect();
    assert_eq!(linked, [("mira", UUID)]);
    assert!(config.rules.staff[0].roles.is_empty());
    // Nobody needs to be listed, nor to have an account there.
    for staff in ["", mira("").as_str()] {
        assert_eq!(keys(&with(IDENTITY, staff)), [""; 0], "{staff}");
    }
    let other = format!("{IDENTITY}[identity.groups]\n\"SEQN-A\" = \"lead\"\n");
    let config = parse(&with(&other, ""), &look_up).unwrap_or_else(|_| unreachable!());
    assert_eq!(config.identity.unwrap_or_else(|| unreachable!()).joined.groups["SEQN-A"], Role::LEAD);
}

#[test]
fn what_cannot_be_is_said() {
    let groups = |line: &str| format!("{IDENTITY}[identity.groups]\n{line}\n");
    let rows: [(&str, String, &str); 11] = [
        ("identity.source", "[identity]\n".into(), ""),
        ("identity.source", "[identity]\nsource = \"ldap\"\n".into(), ""),
        ("identity.every", format!("{IDENTITY}every = \"9s\"\n"), ""),
        ("identity.every", format!("{IDENTITY}every = \"2m\"\n"), ""),
        ("identity.evry", format!("{IDENTITY}evry = \"30s\"\n"), ""),
        ("identity.groups.X", groups("X = \"owner\""), ""),
        ("identity.groups.X", groups("X = 7"), ""),
        ("staff[1].roles", IDENTITY.into(), "roles = [\"support\"]"),
        ("staff[1].authentik", IDENTITY.into(), "[[staff]]\nid = \"two\""),
        ("staff[1].id", IDENTITY.into(), "ID"),
        ("staff[1].authentik", String::new(), ""),
    ];
    for (key, identity, more) in rows {
        let staff = match more {
            "" if identity.is_empty() => mira("slack = \"T0SEQN/U0MIRA\""),
            "" => String::new(),
            "ID" => format!("[[staff]]\nid = \"ak-{UUID}\"\nauthentik = \"{UUID}\"\n"),
            "[[staff]]\nid = \"two\"" => mira("").replace(UUID, "mira") + &mira("").replace("mira", "two"),
            more => mira(more),
        };
        assert!(
            keys(&with(&identity, &staff)).iter().any(|found| found == key),
            "{key}: {:?}",
            keys(&with(&identity, &staff))
        );
    }
    let twice = mira("") + &mira("").replace("\"mira\"", "\"two\"");
    assert_eq!(keys(&with(IDENTITY, &twice)), ["staff[2].authentik"]);
    let blind = with(IDENTITY, "").replace("read_token = { file = \"/run/secrets/authentik-read\" }", "");
    assert_eq!(keys(&blind), ["identity"]);
    let many: String = (0..20).map(|n| format!("g{n} = \"support\"\n")).collect();
    assert_eq!(keys(&with(&groups(&many), "")), ["identity.groups"]);
}

#[test]
fn where_people_sign_in_is_whole_or_refused() {
    let login = |lines: &str, listens: &str| format!("{IDENTITY}[identity.login]\n{lines}{listens}");
    let listens = "\n[health]\nlisten = \"127.0.0.1:0\"\n";
    let whole = "issuer = \"https://auth.seqn.in/application/o/bot/\"\nclient_id = \"bot\"\n\
                 client_secret = { env = \"LOGIN\" }\npublic_url = \"https://chatops.seqn.in\"\n";
    let read = |text: &str| {
        assert_eq!(keys(text), [""; 0]);
        let config = parse(text, &look_up).unwrap_or_else(|_| unreachable!());
        config.identity.and_then(|identity| identity.login)
    };
    let at = read(&with(&login(whole, listens), "")).unwrap_or_else(|| unreachable!());
    assert_eq!((at.client_id.as_str(), at.public.as_str()), ("bot", "https://chatops.seqn.in/"));
    let off = with(&login(&format!("enabled = false\n{whole}"), ""), "");
    assert!(read(&off).is_none());
    for (key, lines, listens) in [
        ("identity.login", whole.to_owned(), ""),
        ("identity.login.client_id", whole.replace("client_id = \"bot\"\n", ""), listens),
        ("identity.login.issuer", whole.replace("https://auth", "http://auth"), listens),
        ("identity.login.public_url", whole.replace("https://chatops", "ftp://chatops"), listens),
        ("identity.login.client_secret", whole.replace("client_secret = { env = \"LOGIN\" }\n", ""), listens),
        ("identity.login.isuer", format!("{whole}isuer = \"x\"\n"), listens),
    ] {
        let found = keys(&with(&login(&lines, listens), ""));
        assert!(found.iter().any(|one| one == key), "{key}: {found:?}");
    }
}
