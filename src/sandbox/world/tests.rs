//! The world's hooks and its seed, as stories rely on them.

use super::*;

fn look(world: &World, query: &str) -> String {
    world.look(query).unwrap_or_else(|| panic!("nothing for {query}"))
}

#[test]
fn the_seed_is_the_same_each_time_and_holds_its_people() {
    let (a, b) = (World::acme(Dial::still()), World::acme(Dial::still()));
    assert_eq!(format!("{:?}", a.lock()), format!("{:?}", b.lock()));
    for (query, answer) in [
        ("sessions acme jo@acme.example", "3"),
        ("sessions globex jo@acme.example", "1"),
        ("sessions acme max@acme.example", "30"),
        ("session ses_jo_revoked", "revoked"),
        ("session ses_ada_expired", "expired"),
        ("identity-sessions jo", "2"),
        ("refresh-tokens jo", "1"),
        ("role acme ada@acme.example", "admin"),
        ("subscription initech", "pro cancelled"),
        ("project acme/mobile provisioning", "blocked"),
        ("revocations ses_jo_laptop", "0"),
        ("effects", "0"),
    ] {
        assert_eq!(look(&a, query), answer, "{query}");
    }
    assert_eq!(a.look("session none"), None);
    assert_eq!(a.look("the weather"), None);
}

#[test]
fn the_record_holds_prefixes_of_secrets_only() {
    let world = World::acme(Dial::still());
    let secrets = std::mem::take(&mut world.lock().secrets);
    let shown = format!("{:?}", world.lock());
    assert!(secrets.iter().all(|secret| !shown.contains(secret)));
    assert!(World::canary_secret_key().starts_with(&KeyKind::Secret.head()));
}

#[test]
fn stories_can_sign_people_in_and_remove_them() {
    let world = World::acme(Dial::still());
    let session = world.add_session("acme", "jo@acme.example");
    assert_eq!(session, "ses_made_0001");
    assert_eq!(look(&world, "sessions acme jo@acme.example"), "4");
    let uuid = world.add_identity_session("jo");
    assert_eq!(look(&world, &format!("identity-session {uuid}")), "active");
    let token = world.add_refresh_token("jo");
    assert_eq!(look(&world, &format!("refresh-token {token}")), "active");
    world.add_session("acme", "new@acme.example");
    assert_eq!(look(&world, "role acme new@acme.example"), "member");
    world.remove_user("jo@acme.example");
    assert_eq!(world.look(&format!("session {session}")), None);
    assert_eq!(world.look("identity-sessions jo"), None);
    assert_eq!(world.effects(), Vec::<String>::new(), "what stories do is no effect of the bot");
}

#[test]
fn a_temporary_limit_ends_by_itself() {
    let dial = Dial::still();
    let world = World::acme(dial.clone());
    let asker =
        Asker { doer: record::Doer { id: "stf_kim".into(), email: None, kind: "staff" }, request_id: "req_1".into() };
    let expires_ms = Some(dial.now_ms() + 1_000);
    let set = record::Override { users: Some(9), expires_ms, ..record::Override::default() };
    let wish = SubscriptionWish { set, ..SubscriptionWish::default() };
    world.change().update_subscription("globex", wish, &asker).unwrap();
    assert_eq!(look(&world, "limits globex"), "projects=2 users=9 webhooks=1");
    dial.advance_ms(1_000);
    assert_eq!(look(&world, "limits globex"), "projects=2 users=3 webhooks=1");
    assert_eq!(look(&world, "audit subscription.updated"), "2");
}
