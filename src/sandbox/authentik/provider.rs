//! How Authentik writes what people use: the provider, its application, tokens, events.
//!
//! It selects nothing. Invariant: the provider is written with its client secret in clear, as the real one
//! is, so that a reader who keeps it is found out.

use serde_json::{Value, json};

use super::oidc::SLUG;
use super::{Version, shape};
use crate::sandbox::world::identity::{ApiToken, Grant, IdentityEvent};
use crate::sandbox::world::mint::{signed_token, stamp, uuid};
use crate::sandbox::world::{Record, World};

/// The provider's primary key.
pub(super) const PROVIDER_PK: i64 = 7;
/// How long events are kept: 365 days in milliseconds, Authentik's default.
const EVENT_LIFE_MS: i64 = 365 * 24 * 60 * 60 * 1000;

/// What every kind of provider has.
fn brief() -> Value {
    json!({
        "pk": PROVIDER_PK,
        "name": "Silver Auth",
        "authentication_flow": null,
        "authorization_flow": uuid("flow:authorization"),
        "invalidation_flow": uuid("flow:invalidation"),
        "property_mappings": [],
        "component": "ak-provider-oauth2-form",
        "assigned_application_slug": SLUG,
        "assigned_application_name": "Silver Auth",
        "assigned_backchannel_application_slug": null,
        "assigned_backchannel_application_name": null,
        "verbose_name": "OAuth2/OpenID Provider",
        "verbose_name_plural": "OAuth2/OpenID Providers",
        "meta_model_name": "authentik_providers_oauth2.oauth2provider",
    })
}

pub(super) fn provider() -> Value {
    let mut shape = brief();
    let own = json!({
        "client_type": "confidential",
        "client_id": SLUG,
        "client_secret": World::oidc_client_secret(),
        "access_code_validity": "minutes=1",
        "access_token_validity": "minutes=5",
        "refresh_token_validity": "days=30",
        "include_claims_in_id_token": true,
        "signing_key": uuid("key:signing"),
        "encryption_key": null,
        "redirect_uris": [
            {
                "matching_mode": "strict",
                "url": "https://accounts.seqn.in/auth/callback",
                "redirect_uri_type": "authorization",
            },
        ],
        "sub_mode": "hashed_user_id",
        "issuer_mode": "per_provider",
        "jwt_federation_sources": [],
        "jwt_federation_providers": [],
    });
    if let (Value::Object(shape), Value::Object(own)) = (&mut shape, own) {
        shape.extend(own);
    }
    shape
}

pub(super) fn application(version: Version) -> Value {
    let mut shape = json!({
        "pk": uuid("application"),
        "name": "Silver Auth",
        "slug": SLUG,
        "provider": PROVIDER_PK,
        "provider_obj": brief(),
        "backchannel_providers": [],
        "backchannel_providers_obj": [],
        "launch_url": "https://accounts.seqn.in/",
        "open_in_new_tab": false,
        "meta_launch_url": "https://accounts.seqn.in/",
        "meta_icon": "",
        "meta_icon_url": null,
        "meta_icon_themed_urls": null,
        "meta_description": "",
        "meta_publisher": "SEQN",
        "policy_engine_mode": "any",
        "group": "",
    });
    if version >= Version::SEVERAL_ACCOUNTS {
        shape["pbm_uuid"] = uuid("application:policies").into();
    }
    shape
}

/// A refresh or access token; `kind` keeps their labels apart.
pub(super) fn grant(record: &Record, grant: &Grant, kind: &str, version: Version, now_ms: i64) -> Value {
    let user = record.identity(grant.user).map(|user| shape::user(record, user, version, true));
    json!({
        "pk": grant.pk,
        "provider": provider(),
        "user": user,
        "is_expired": grant.expires_ms <= now_ms,
        "expires": stamp(grant.expires_ms),
        "scope": ["openid", "email", "profile", "offline_access"],
        "id_token": signed_token(&format!("{kind}:{}", grant.pk)),
        "revoked": false,
    })
}

pub(super) fn api_token(record: &Record, token: &ApiToken, version: Version) -> Value {
    let user = record.identity(token.user).map(|user| shape::user(record, user, version, true));
    json!({
        "pk": uuid(&format!("token:{}", token.identifier)),
        "managed": null,
        "identifier": token.identifier,
        "intent": token.intent,
        "user": token.user,
        "user_obj": user,
        "description": token.description,
        "expires": token.expires_ms.map(stamp),
        "expiring": token.expires_ms.is_some(),
    })
}

pub(super) fn event(record: &Record, event: &IdentityEvent) -> Value {
    let user = event.user.and_then(|pk| record.identity(pk));
    let user = user.map_or_else(
        // Nobody was signed in.
        || json!({ "pk": -1, "email": "", "username": "AnonymousUser" }),
        |u| json!({ "pk": u.pk, "email": u.email, "username": u.username }),
    );
    json!({
        "pk": event.uuid,
        "user": user,
        "action": event.action,
        "app": event.app,
        "context": event.context,
        "client_ip": event.ip,
        "created": stamp(event.created_ms),
        "expires": stamp(event.created_ms + EVENT_LIFE_MS),
        "brand": { "pk": uuid("brand"), "app": "authentik_brands", "name": "Default brand" },
    })
}
