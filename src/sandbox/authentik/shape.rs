//! How Authentik writes people: users, groups, sessions, and the caller.
//!
//! It selects nothing. Invariant: every field that a published schema requires is there.

use serde_json::{Value, json};

use super::Version;
use crate::sandbox::world::Record;
use crate::sandbox::world::identity::{Group, Identity, IdentitySession};
use crate::sandbox::world::mint::{hex_digest, stamp, uuid};

/// A user; `groups` says whether the groups are written out.
pub(super) fn user(record: &Record, user: &Identity, version: Version, groups: bool) -> Value {
    let member_of: Vec<&Group> = record.groups.iter().filter(|g| g.members.contains(&user.pk)).collect();
    let pks: Vec<&str> = member_of.iter().map(|g| g.uuid.as_str()).collect();
    let written = groups.then(|| member_of.iter().map(|g| partial_group(g)).collect::<Vec<_>>());
    let mut shape = json!({
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "is_active": user.active,
        "last_login": user.last_login_ms.map(stamp),
        "date_joined": stamp(user.joined_ms),
        "is_superuser": user.superuser,
        "groups": pks,
        "groups_obj": written,
        "email": user.email,
        "avatar": "data:image/svg+xml;base64,PHN2Zy8+",
        "attributes": user.attributes,
        "uid": hex_digest(&format!("uid:{}", user.pk)),
        "path": "users",
        "type": user.kind,
        "uuid": uuid(&format!("user:{}", user.pk)),
        "password_change_date": stamp(user.joined_ms),
        "last_updated": stamp(user.last_login_ms.unwrap_or(user.joined_ms)),
    });
    if version >= Version::SEVERAL_PARENTS {
        shape["roles"] = json!([]);
        shape["roles_obj"] = json!([]);
    }
    shape
}

fn partial_group(group: &Group) -> Value {
    json!({
        "pk": group.uuid,
        "num_pk": group.num_pk,
        "name": group.name,
        "is_superuser": group.superuser,
        "attributes": {},
    })
}

/// The caller, as `users/me` shows it.
pub(super) fn own_user(user: &Identity, version: Version) -> Value {
    let mut shape = json!({
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "is_active": user.active,
        "is_superuser": user.superuser,
        "groups": [],
        "roles": [],
        "email": user.email,
        "avatar": "data:image/svg+xml;base64,PHN2Zy8+",
        "uid": hex_digest(&format!("uid:{}", user.pk)),
        "settings": {},
        "type": user.kind,
        "system_permissions": [],
    });
    if version >= Version::SEVERAL_ACCOUNTS {
        shape["is_current"] = true.into();
    }
    shape
}

/// A group; without `users` its members are not named at all.
pub(super) fn group(record: &Record, group: &Group, version: Version, users: bool) -> Value {
    let below = record.groups.iter().filter(|g| g.parent.as_ref() == Some(&group.uuid));
    let children: Vec<&str> = below.map(|g| g.uuid.as_str()).collect();
    let mut shape = json!({
        "pk": group.uuid,
        "num_pk": group.num_pk,
        "name": group.name,
        "is_superuser": group.superuser,
        "attributes": {},
        "roles": [],
        "roles_obj": [],
        "users_obj": null,
        "children": children,
        "children_obj": null,
    });
    if users {
        let named = group.members.iter().filter_map(|pk| record.identity(*pk));
        shape["users"] = json!(group.members);
        shape["users_obj"] = named.map(partial_user).collect();
    }
    if version >= Version::SEVERAL_PARENTS {
        shape["parents"] = json!(group.parent.iter().collect::<Vec<_>>());
        shape["parents_obj"] = Value::Null;
        shape["inherited_roles_obj"] = Value::Null;
    } else {
        let parent = record.groups.iter().find(|g| group.parent.as_ref() == Some(&g.uuid));
        shape["parent"] = json!(group.parent);
        shape["parent_name"] = json!(parent.map(|g| &g.name));
    }
    shape
}

fn partial_user(user: &Identity) -> Value {
    json!({
        "pk": user.pk,
        "username": user.username,
        "name": user.name,
        "is_active": user.active,
        "last_login": user.last_login_ms.map(stamp),
        "email": user.email,
        "attributes": user.attributes,
        "uid": hex_digest(&format!("uid:{}", user.pk)),
    })
}

pub(super) fn session(session: &IdentitySession) -> Value {
    json!({
        "uuid": session.uuid,
        "current": false,
        "user_agent": parsed_agent(&session.agent),
        "geo_ip": {
            "continent": if session.country == "BR" { "SA" } else { "EU" },
            "country": session.country,
            "lat": 52.0,
            "long": 13.0,
            "city": session.city,
        },
        "asn": { "asn": 64_500, "as_org": "Example Net", "network": "198.51.100.0/24" },
        "user": session.user,
        "last_ip": session.ip,
        "last_user_agent": session.agent,
        "last_used": stamp(session.last_used_ms),
        "expires": stamp(session.expires_ms),
    })
}

fn parsed_agent(agent: &str) -> Value {
    let (device, os) = if agent.contains("iPhone") {
        (("Apple", "iPhone", "iPhone"), "iOS")
    } else if agent.contains("Mac OS X") {
        (("Apple", "Mac", "Mac"), "Mac OS X")
    } else if agent.contains("Windows") {
        (("", "Other", ""), "Windows")
    } else {
        (("", "Other", ""), "Linux")
    };
    let known = ["Firefox", "Chrome", "Safari"].into_iter().find(|name| agent.contains(name));
    let family = known.unwrap_or("Other");
    let major: String = agent
        .split_once(&format!("{family}/"))
        .map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect())
        .unwrap_or_default();
    json!({
        "device": { "brand": device.0, "family": device.1, "model": device.2 },
        "os": { "family": os, "major": "", "minor": "", "patch": "", "patch_minor": "" },
        "user_agent": { "family": family, "major": major, "minor": "", "patch": "" },
        "string": agent,
    })
}
