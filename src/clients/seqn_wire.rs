//! SEQN Auth's JSON for people, projects and webhooks, and what it means in our words. Pure.
//!
//! The shapes are assumed (`seqn-openapi.yaml`), but for the public configuration, which is documented. Invariant:
//! what cannot be understood is an error, never a shorter list.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Millis;
use crate::ports::{Delivery, Member, Project, Provisioning, PublicConfig, SeqnUser, Webhook};

use super::seqn_pages::moment;

/// A membership on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireMember {
    id: Option<String>,
    user_id: Option<String>,
    email: Option<String>,
    role: Option<String>,
}

impl WireMember {
    /// The same in our words; `None` when it does not say whose it is, or which role.
    #[must_use]
    pub fn read(self) -> Option<Member> {
        Some(Member { id: self.id?, user: self.user_id.unwrap_or_default(), email: self.email?, role: self.role? })
    }
}

/// The people with an e-mail on the wire.
#[derive(Debug, Deserialize)]
pub struct WireUsers {
    users: Vec<WireUser>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireUser {
    id: Option<String>,
    email: Option<String>,
    memberships: Vec<WireMembership>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireMembership {
    organization_slug: Option<String>,
    role: Option<String>,
}

impl WireUsers {
    /// The same in our words.
    #[must_use]
    pub fn read(self) -> Option<Vec<SeqnUser>> {
        let one = |user: WireUser| {
            let membership = |m: WireMembership| Some((m.organization_slug?, m.role?));
            let memberships = user.memberships.into_iter().map(membership).collect::<Option<Vec<_>>>()?;
            Some(SeqnUser { id: user.id?, email: user.email?, memberships })
        };
        self.users.into_iter().map(one).collect()
    }
}

/// A whole project on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireWhole {
    slug: Option<String>,
    name: Option<String>,
    status: Option<String>,
    publishable_key: Option<String>,
    secret_key_prefix: Option<String>,
    redirect_urls: Vec<String>,
    origins: Vec<String>,
    provisioning: Option<WireProvisioning>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireProvisioning {
    status: Option<String>,
    authentik_application_slug: Option<String>,
    authentik_provider_id: Option<i64>,
    last_error_status: Option<u16>,
    last_error: Option<String>,
    updated_at: Option<Value>,
}

impl WireProvisioning {
    fn read(self) -> Provisioning {
        Provisioning {
            status: self.status.unwrap_or_default(),
            application: self.authentik_application_slug.unwrap_or_default(),
            provider: self.authentik_provider_id,
            error_status: self.last_error_status,
            error: self.last_error.unwrap_or_default(),
            updated: self.updated_at.as_ref().and_then(moment),
        }
    }
}

impl WireWhole {
    /// The same in our words; `None` when it has no slug or no status.
    #[must_use]
    pub fn read(self) -> Option<Project> {
        Some(Project {
            slug: self.slug?,
            name: self.name.unwrap_or_default(),
            status: self.status?,
            publishable_key: self.publishable_key.unwrap_or_default(),
            secret_prefix: self.secret_key_prefix.unwrap_or_default(),
            redirects: self.redirect_urls,
            origins: self.origins,
            provisioning: self.provisioning.map(WireProvisioning::read),
        })
    }
}

/// The documented public configuration on the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WirePublic {
    application: Named,
    organization: Named,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    slug: Option<String>,
    status: Option<String>,
}

impl WirePublic {
    /// The same in our words; `None` when it names no application or no status.
    #[must_use]
    pub fn read(self) -> Option<PublicConfig> {
        let org = self.organization.slug.unwrap_or_default();
        Some(PublicConfig { slug: self.application.slug?, status: self.application.status?, org })
    }
}

/// An organization's webhook endpoints on the wire.
#[derive(Debug, Deserialize)]
pub struct WireWebhooks {
    webhooks: Vec<WireWebhook>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireWebhook {
    id: Option<String>,
    url: Option<String>,
    enabled: Option<bool>,
    event_types: Vec<String>,
    secret_prefix: Option<String>,
}

impl WireWebhooks {
    /// The same in our words.
    #[must_use]
    pub fn read(self) -> Option<Vec<Webhook>> {
        let one = |wire: WireWebhook| {
            Some(Webhook {
                id: wire.id?,
                url: wire.url?,
                enabled: wire.enabled?,
                events: wire.event_types,
                secret_prefix: wire.secret_prefix.unwrap_or_default(),
            })
        };
        self.webhooks.into_iter().map(one).collect()
    }
}

/// An endpoint's deliveries on the wire.
#[derive(Debug, Deserialize)]
pub struct WireDeliveries {
    deliveries: Vec<WireDelivery>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireDelivery {
    id: Option<String>,
    event_type: Option<String>,
    status: Option<String>,
    attempts: Option<u32>,
    response_status: Option<u16>,
    last_error: Option<String>,
    next_retry_at: Option<Value>,
    created_at: Option<Value>,
}

impl WireDeliveries {
    /// The same in our words, at most that many, newest first whatever the server's order.
    #[must_use]
    pub fn read(self, most: u32) -> Option<Vec<Delivery>> {
        let at = |value: &Option<Value>| -> Option<Millis> { value.as_ref().and_then(moment) };
        let one = |wire: WireDelivery| {
            Some(Delivery {
                created: at(&wire.created_at),
                next_retry: at(&wire.next_retry_at),
                id: wire.id?,
                event: wire.event_type?,
                status: wire.status?,
                attempts: wire.attempts.unwrap_or_default(),
                response: wire.response_status,
                error: wire.last_error.unwrap_or_default(),
            })
        };
        let mut all = self.deliveries.into_iter().map(one).collect::<Option<Vec<_>>>()?;
        all.sort_by_key(|delivery| std::cmp::Reverse(delivery.created));
        all.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Some(all)
    }
}
