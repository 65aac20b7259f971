//! Makes the objects that Discord sends: users, members, channels, the guild, messages.
//!
//! It reads no state. Invariant: every object has the fields that Discord's schema requires.

use serde_json::{Map, Value, json};

use crate::sandbox::cast::{CHANNELS, DISCORD_APP, DISCORD_GUILD, PEOPLE, Person};

/// What everybody may: view, send (in threads too), embed links, read the history, react, use commands.
pub(super) const PLAIN: u64 = 1 << 10 | 1 << 11 | 1 << 14 | 1 << 16 | 1 << 6 | 1 << 31 | 1 << 38;
/// What the bot has above `PLAIN`: manage messages, threads, channels and the server, open threads, attach files.
pub(super) const MANAGING: u64 = MANAGE_MESSAGES | MANAGE_GUILD | MANAGE_THREADS | OPENING | 1 << 15;
/// What opening channels and threads takes.
pub(super) const OPENING: u64 = MANAGE_CHANNELS | PUBLIC_THREADS | PRIVATE_THREADS;
/// Opening channels.
pub(super) const MANAGE_CHANNELS: u64 = 1 << 4;
/// Opening threads for those who see the channel.
pub(super) const PUBLIC_THREADS: u64 = 1 << 35;
/// Opening threads for their members.
pub(super) const PRIVATE_THREADS: u64 = 1 << 36;
/// Removing other people's messages.
pub(super) const MANAGE_MESSAGES: u64 = 1 << 13;
/// Changing the server, `AutoMod` too.
pub(super) const MANAGE_GUILD: u64 = 1 << 5;
/// Opening and archiving threads.
pub(super) const MANAGE_THREADS: u64 = 1 << 34;
/// Reading what was posted before.
pub(super) const READ_HISTORY: u64 = 1 << 16;
/// Every permission, as an administrator has them.
pub(super) const EVERYTHING: u64 = (1 << 51) - 1;
/// A direct-message channel's id is its person's id plus this.
const DM_OFFSET: u64 = 30_000_000_000_000_000;
/// A role's id is this plus its place in `ROLES`.
const ROLE_BASE: u64 = 930_000_000_000_000_001;
/// The roles of the server, in the order of their ids.
const ROLES: [&str; 6] = ["support", "lead", "admin", "security", "observer", "SEQN"];
/// The webhook through which other apps post.
pub(super) const HOOK: u64 = 940_000_000_000_000_001;
/// The bot's user name.
pub(super) const BOT_NAME: &str = "seqn";
/// Message flag: only one person sees it.
pub(super) const EPHEMERAL: u64 = 1 << 6;
/// Message flag: the answer is still owed.
pub(super) const LOADING: u64 = 1 << 7;
/// Message flag: the message is made of components only.
pub(super) const V2: u64 = 1 << 15;

/// The person with this Discord user id.
pub(super) fn person(id: u64) -> Option<&'static Person> {
    PEOPLE.iter().find(|p| p.discord_user == id)
}

/// The cast name behind a user id.
pub(super) fn name_of(id: u64) -> String {
    match id {
        DISCORD_APP => "bot".to_owned(),
        HOOK => "app".to_owned(),
        _ => person(id).map_or("somebody", |p| p.name).to_owned(),
    }
}

/// The direct-message channel of a person with the bot.
pub(super) const fn dm_of(user: u64) -> u64 {
    user + DM_OFFSET
}

/// The person of a direct-message channel.
pub(super) fn dm_person(channel: u64) -> Option<&'static Person> {
    PEOPLE.iter().find(|p| dm_of(p.discord_user) == channel)
}

/// A moment as Discord writes it.
pub(super) fn timestamp(ms: i64) -> String {
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(ms) * 1_000_000)
        .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
    let (day, hour) = (at.date(), at.time());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}000+00:00",
        day.year(),
        u8::from(day.month()),
        day.day(),
        hour.hour(),
        hour.minute(),
        hour.second(),
        hour.millisecond()
    )
}

/// A user object.
pub(super) fn user(id: u64) -> Value {
    let bot = id == DISCORD_APP || id == HOOK;
    let name = if id == DISCORD_APP { BOT_NAME.to_owned() } else { name_of(id) };
    json!({
        "id": id.to_string(), "username": name, "discriminator": if bot { "0001" } else { "0" },
        "global_name": if bot { Value::Null } else { json!(name) }, "avatar": null, "avatar_decoration_data": null,
        "bot": bot, "public_flags": 0, "flags": 0, "primary_guild": null, "collectibles": null, "clan": null,
    })
}

/// The permissions of a member.
pub(super) fn permissions(id: u64, bot_may: u64) -> u64 {
    if id == DISCORD_APP {
        return bot_may;
    }
    if is_admin(id) { EVERYTHING } else { PLAIN }
}

/// Whether this member is an administrator of the server (whoever has the admin role).
pub(super) fn is_admin(id: u64) -> bool {
    person(id).is_some_and(|p| p.role == Some("admin"))
}

fn role_ids(id: u64) -> Vec<String> {
    let role = if id == DISCORD_APP { Some("SEQN") } else { person(id).and_then(|p| p.role) };
    let place = role.and_then(|role| ROLES.iter().position(|r| *r == role));
    place.map(|at| (ROLE_BASE + at as u64).to_string()).into_iter().collect()
}

/// A member object without its user, as message events carry it.
pub(super) fn bare_member(id: u64) -> Value {
    json!({
        "roles": role_ids(id), "nick": null, "avatar": null, "banner": null, "joined_at": "2026-01-05T09:00:00.000000+00:00",
        "premium_since": null, "communication_disabled_until": null, "pending": false, "mute": false, "deaf": false,
        "flags": 0,
    })
}

/// A member object.
pub(super) fn member(id: u64) -> Value {
    let mut member = bare_member(id);
    member["user"] = user(id);
    member
}

/// The roles of the server.
pub(super) fn roles(bot_may: u64) -> Value {
    let role = |id: u64, name: &str, permissions: u64, at: usize| {
        json!({
            "id": id.to_string(), "name": name, "description": null, "permissions": permissions.to_string(),
            "position": at, "color": 0, "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null},
            "hoist": false, "managed": name == "SEQN", "mentionable": false, "icon": null, "unicode_emoji": null, "flags": 0,
        })
    };
    let mut all = vec![role(DISCORD_GUILD, "@everyone", PLAIN, 0)];
    for (at, name) in ROLES.iter().enumerate() {
        let permissions = match *name {
            "admin" => EVERYTHING,
            "SEQN" => bot_may,
            _ => PLAIN,
        };
        all.push(role(ROLE_BASE + at as u64, name, permissions, at + 1));
    }
    Value::Array(all)
}

/// A channel object: of the server, or a direct one.
pub(super) fn channel(id: u64) -> Option<Value> {
    if let Some(person) = dm_person(id) {
        return Some(json!({
            "id": id.to_string(), "type": 1, "last_message_id": null, "flags": 0,
            "recipients": [user(person.discord_user)],
        }));
    }
    let at = CHANNELS.iter().position(|c| c.discord == id)?;
    Some(json!({
        "id": id.to_string(), "type": 0, "guild_id": DISCORD_GUILD.to_string(), "name": CHANNELS[at].name,
        "position": at, "permission_overwrites": [], "topic": null, "nsfw": false, "last_message_id": null,
        "rate_limit_per_user": 0, "parent_id": null, "last_pin_timestamp": null, "flags": 0,
    }))
}

/// What this server does not have.
const GUILD_NULLS: [&str; 18] = [
    "icon",
    "splash",
    "discovery_splash",
    "banner",
    "description",
    "application_id",
    "afk_channel_id",
    "system_channel_id",
    "widget_channel_id",
    "max_presences",
    "vanity_url_code",
    "rules_channel_id",
    "safety_alerts_channel_id",
    "public_updates_channel_id",
    "incidents_data",
    "home_header",
    "hub_type",
    "latest_onboarding_question_id",
];

/// The server.
pub(super) fn guild(bot_may: u64) -> Value {
    let mut guild = json!({
        "id": DISCORD_GUILD.to_string(), "name": "SEQN", "owner_id": "910000000000000099", "region": "deprecated",
        "afk_timeout": 300, "system_channel_flags": 0, "widget_enabled": false, "verification_level": 1,
        "roles": roles(bot_may), "default_message_notifications": 1, "mfa_level": 1, "explicit_content_filter": 2,
        "max_members": 500_000, "max_video_channel_users": 25, "max_stage_video_channel_users": 50, "premium_tier": 0,
        "premium_subscription_count": 0, "preferred_locale": "en-US", "premium_progress_bar_enabled": false,
        "nsfw": false, "nsfw_level": 0, "emojis": [], "stickers": [], "features": [],
    });
    for key in GUILD_NULLS {
        guild[key] = Value::Null;
    }
    guild
}

/// `GUILD_CREATE`: the server with what only the gateway adds.
pub(super) fn guild_create(bot_may: u64, channels: &Value, threads: &Value) -> Value {
    let mut guild = guild(bot_may);
    let more = json!({
        "joined_at": "2026-01-05T09:00:00.000000+00:00", "large": false, "unavailable": false,
        "member_count": PEOPLE.len() + 1, "voice_states": [], "members": [member(DISCORD_APP)], "channels": channels,
        "threads": threads, "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    });
    merge(&mut guild, &more);
    guild
}

/// The application as its own bot sees it.
pub(super) fn application(message_content: bool) -> Value {
    let flags: u64 = if message_content { 1 << 19 } else { 0 };
    json!({
        "id": DISCORD_APP.to_string(), "name": "SEQN", "icon": null, "description": "", "type": null,
        "verify_key": "00".repeat(32), "flags": flags, "flags_new": flags.to_string(), "redirect_uris": [], "bot_public": false,
        "bot_require_code_grant": false, "interactions_endpoint_url": null, "role_connections_verification_url": null,
        "owner": user(PEOPLE[3].discord_user), "approximate_guild_count": 1, "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0, "explicit_content_filter": 0, "team": null,
        "eligible_oauth2_scopes": ["bot", "applications.commands"], "bot": user(DISCORD_APP),
    })
}

/// Who is mentioned in a text.
pub(super) fn mentions(content: &str) -> Vec<Value> {
    let everybody = PEOPLE.iter().map(|p| p.discord_user).chain([DISCORD_APP]);
    everybody.filter(|id| content.contains(&format!("<@{id}>"))).map(user).collect()
}

/// Copies the fields of `more` over those of `base`.
pub(super) fn merge(base: &mut Value, more: &Value) {
    if let (Some(base), Some(more)) = (base.as_object_mut(), more.as_object()) {
        base.extend(more.clone());
    }
}

/// Gives each component its number, as Discord does in what it returns.
pub(super) fn number_components(components: &mut Value, next: &mut u64) {
    match components {
        Value::Array(list) => list.iter_mut().for_each(|c| number_components(c, next)),
        Value::Object(component) => number_one(component, next),
        _ => {}
    }
}

fn number_one(component: &mut Map<String, Value>, next: &mut u64) {
    if component.contains_key("type") && !component.contains_key("id") {
        *next += 1;
        component.insert("id".to_owned(), json!(*next));
    }
    for inner in ["components", "component", "accessory"] {
        if let Some(inner) = component.get_mut(inner) {
            number_components(inner, next);
        }
    }
}
