//! Authentik: the emulator's answers and the client's requests against the schemas of two releases.

use std::collections::BTreeSet;
use std::sync::Arc;

use seqn_chatops::clients::{
    AuthentikActor, AuthentikConfig, AuthentikReader, AuthentikRoster, Deadlines, RosterConfig,
};
use seqn_chatops::guard::Secret;
use seqn_chatops::model::Millis;
use seqn_chatops::ports::{Fault, IdentityAct, IdentityRead, RosterRead};
use seqn_chatops::sandbox::authentik::{AuthentikKeys, AuthentikSim};
use seqn_chatops::sandbox::dial::Dial;
use seqn_chatops::sandbox::fault::Faults;
use seqn_chatops::sandbox::world::World;

use super::{answers_as_declared, ask, asks_what_exists, guard};
use crate::specs::{Operation, Specs};

/// The specifications, and the release that the emulator plays for each.
const RELEASES: [(&str, &str); 2] = [("authentik-2026.2.yml", "2026.2"), ("authentik-2026.11rc1.yml", "2026.11")];
const PREFIX: &str = "/api/v3";

/// Every list and detail that the emulator answers, with the queries that tell it apart.
const READS: [&str; 24] = [
    "/admin/version/",
    "/root/config/",
    "/core/users/me/",
    "/core/users/",
    "/core/users/?email=jo@acme.example&include_groups=false",
    "/core/users/?search=nora@acme.example&page_size=2",
    "/core/users/41/",
    "/core/users/?groups_by_name=SEQN-A",
    "/core/users/?groups_by_name=SEQN-A&groups_by_name=SEQN-Support&page_size=1&page=2",
    "/core/groups/",
    "/core/groups/?name=SEQN-A&include_users=false",
    "/core/authenticated_sessions/",
    "/core/authenticated_sessions/?user__username=jo",
    "/core/tokens/",
    "/core/tokens/?intent=api&expiring=true",
    "/core/applications/",
    "/providers/oauth2/",
    "/events/events/",
    "/events/events/?actions=login&actions=login_failed&username=jo",
    "/oauth2/refresh_tokens/",
    "/oauth2/refresh_tokens/?user=41",
    "/oauth2/access_tokens/",
    "/oauth2/access_tokens/?user=41&page=1",
    "/core/users/?email=nobody@acme.example",
];

async fn emulator(release: &str) -> (Arc<AuthentikSim>, World) {
    let dial = Dial::still();
    let world = World::acme(dial.clone());
    let keys = AuthentikKeys { read_token: "reader".into(), act_token: "actor".into(), login_secret: "login".into() };
    let sim = AuthentikSim::start(dial, Faults::default(), world.clone(), keys).await.unwrap();
    sim.version(release);
    (sim, world)
}

#[tokio::test]
async fn the_emulators_answers_fit_both_releases() {
    let Some(specs) = Specs::open("the_emulators_answers_fit_both_releases") else { return };
    for (file, release) in RELEASES {
        let document = specs.read(file);
        let (sim, world) = emulator(release).await;
        assert!(world.set_attribute("mira", "seqn_slack", "T0SEQN/U0MIRA,T0SEQN/U0OTHER"));
        let session = world.identity_session_uuid("jo-laptop").or_else(|| world.identity_session_uuid("laptop"));
        let session = session.unwrap_or_else(|| world.add_identity_session("jo"));
        let token = world.add_refresh_token("jo");
        let application = ask(&sim.base_url(), "GET", "/api/v3/core/applications/", Some("reader"), None).await;
        let slug = application.body["results"][0]["slug"].as_str().unwrap().to_owned();
        let details = [
            format!("/core/authenticated_sessions/{session}/"),
            format!("/oauth2/refresh_tokens/{token}/"),
            format!("/core/applications/{slug}/"),
            format!("/core/applications/{slug}/check_access/?for_user=41"),
        ];
        for path in READS.into_iter().map(String::from).chain(details) {
            let what = format!("{file} GET {path}");
            let bare = path.split('?').next().unwrap_or_default();
            let operation = Operation::find(&document, "GET", bare).unwrap_or_else(|| panic!("{what} is not there"));
            let heard = ask(&sim.base_url(), "GET", &format!("{PREFIX}{path}"), Some("reader"), None).await;
            assert_eq!(heard.status, 200, "{what}: {}", heard.body);
            answers_as_declared(&operation, &what, &heard);
        }
        for request in sim.requests() {
            asks_what_exists(&document, PREFIX, &request);
        }
    }
}

#[tokio::test]
async fn the_endings_are_answered_as_both_releases_say() {
    let Some(specs) = Specs::open("the_endings_are_answered_as_both_releases_say") else { return };
    for (file, release) in RELEASES {
        let document = specs.read(file);
        let (sim, world) = emulator(release).await;
        let (session, token) = (world.add_identity_session("jo"), world.add_refresh_token("jo"));
        let paths = [
            format!("/core/authenticated_sessions/{session}/"),
            format!("/oauth2/refresh_tokens/{token}/"),
            "/core/authenticated_sessions/bulk_delete/?user_pks=41".to_owned(),
        ];
        for path in paths {
            let what = format!("{file} DELETE {path}");
            let bare = path.split('?').next().unwrap_or_default();
            let operation = Operation::find(&document, "DELETE", bare).unwrap_or_else(|| panic!("{what} is not there"));
            let heard = ask(&sim.base_url(), "DELETE", &format!("{PREFIX}{path}"), Some("actor"), None).await;
            assert!((200..300).contains(&heard.status), "{what}: {}", heard.status);
            answers_as_declared(&operation, &what, &heard);
        }
    }
}

#[tokio::test]
async fn the_client_asks_only_what_both_releases_have() {
    let Some(specs) = Specs::open("the_client_asks_only_what_both_releases_have") else { return };
    for (file, release) in RELEASES {
        let document = specs.read(file);
        let (sim, world) = emulator(release).await;
        world.add_identity_session("jo");
        world.add_refresh_token("jo");
        let config = AuthentikConfig {
            base: sim.base_url().parse().unwrap(),
            read_token: Some(Secret::new("reader")),
            act_token: Some(Secret::new("actor")),
        };
        let reader = AuthentikReader::new(&config, &guard(), Deadlines::default()).unwrap();
        let actor = AuthentikActor::new(&config, &guard(), Deadlines::default()).unwrap();
        reader.check_credential().await.unwrap();
        assert!(reader.find(&"nobody@acme.example".parse().unwrap()).await.unwrap().is_empty());
        let found = reader.find(&"jo@acme.example".parse().unwrap()).await.unwrap();
        let sessions = reader.sessions(&found[0]).await.unwrap();
        let tokens = reader.refresh_tokens(&found[0]).await.unwrap();
        let mira = reader.find(&"mira@seqn.example".parse().unwrap()).await.unwrap().remove(0);
        assert_eq!(reader.in_group(&mira, "SEQN-A").await.unwrap(), Some(true));
        assert_eq!(reader.in_group(&found[0], "SEQN-A").await.unwrap(), Some(false));
        assert_eq!(reader.in_group(&mira, "SEQN-Z").await.unwrap(), None);
        let failed = reader.events(&found[0], &["login_failed", "configuration_error"], Millis(0)).await.unwrap();
        assert!(failed.len() == 2 && failed.iter().all(|event| event.action == "login_failed"), "{failed:?}");
        assert!(reader.events(&mira, &["login_failed"], Millis(0)).await.unwrap().is_empty());
        assert!(reader.events_of_nobody(&["configuration_error"], Millis(0)).await.unwrap().is_empty());
        let provider = reader.provider("silver-auth").await.unwrap();
        assert!(provider.application && provider.joined, "{provider:?}");
        assert!(!reader.provider("none").await.unwrap().application);
        actor.end_session(&sessions[0].uuid).await.unwrap();
        actor.end_refresh_token(tokens[0].id).await.unwrap();
        let asked: BTreeSet<String> =
            sim.requests().iter().map(|request| asks_what_exists(&document, PREFIX, request)).collect();
        for wanted in [
            "core_users_list",
            "core_users_me_retrieve",
            "core_authenticated_sessions_destroy",
            "core_groups_list",
            "events_events_list",
            "core_applications_list",
            "providers_oauth2_list",
        ] {
            assert!(asked.contains(wanted), "{wanted} was not asked: {asked:?}");
        }
    }
}

/// The roster of these groups as the client reads it from the emulator.
fn roster(sim: &AuthentikSim, groups: &[&str]) -> AuthentikRoster {
    let config = AuthentikConfig {
        base: sim.base_url().parse().unwrap(),
        read_token: Some(Secret::new("reader")),
        act_token: Some(Secret::new("actor")),
    };
    let reader = Arc::new(AuthentikReader::new(&config, &guard(), Deadlines::default()).unwrap());
    let config = RosterConfig {
        groups: groups.iter().map(ToString::to_string).collect(),
        slack_attribute: "seqn_slack".into(),
        discord_attribute: "seqn_discord".into(),
    };
    AuthentikRoster::new(reader, config)
}

#[tokio::test]
async fn the_roster_is_asked_for_as_both_releases_have_it() {
    let Some(specs) = Specs::open("the_roster_is_asked_for_as_both_releases_have_it") else { return };
    for (file, release) in RELEASES {
        let document = specs.read(file);
        let (sim, world) = emulator(release).await;
        assert!(world.set_attribute("mira", "seqn_slack", "T0SEQN/U0MIRA"));
        assert!(world.set_member("SEQN-Support", "mira", true) && world.set_active("ops", false));
        assert!(world.set_member("SEQN-Support", "seqn-chatops-read", true));
        let found = roster(&sim, &["SEQN-A", "SEQN-Support", "SEQN-Z"]).roster().await.unwrap();
        let line = |person: &seqn_chatops::ports::RosterPerson| {
            (person.username.clone(), person.groups.len(), person.active, person.human, person.slack.join(" "))
        };
        let want = [
            ("mira".to_owned(), 2, true, true, "T0SEQN/U0MIRA".to_owned()),
            ("ops".to_owned(), 1, false, true, String::new()),
            ("seqn-chatops-read".to_owned(), 1, true, false, String::new()),
        ];
        assert_eq!(found.people.iter().map(line).collect::<Vec<_>>(), want, "{file}");
        assert_eq!(found.missing.into_iter().collect::<Vec<_>>(), ["SEQN-Z"]);
        sim.blind(true);
        let blind = roster(&sim, &["SEQN-A", "SEQN-Support"]).roster().await.unwrap_err();
        assert_eq!(blind.fault, Fault::Forbidden, "{file}: an empty 200 is no roster");
        for request in sim.requests() {
            asks_what_exists(&document, PREFIX, &request);
        }
    }
}

#[tokio::test]
async fn a_large_team_is_read_from_all_pages() {
    let (sim, world) = emulator("2026.8").await;
    world.crowd("acme", seqn_chatops::sandbox::world::Crowd { members: 230, sessions: 0, entries: 0 });
    for n in 0..230 {
        assert!(world.set_member("SEQN-Support", &format!("crowd-{n}"), true));
    }
    let found = roster(&sim, &["SEQN-A", "SEQN-Support"]).roster().await.unwrap();
    assert_eq!(found.people.len(), 232);
}
