//! The ports of a history: sessions are looked at and ended, nothing else is offered.

use async_trait::async_trait;

use seqn_chatops::guard::{Redacted, Secret};
use seqn_chatops::model::{Email, KeyOf, KeyOwner, Millis, OrgSlug, ProjectChange, SessionId, SubscriptionChange};
use seqn_chatops::ports::*;

use super::world::World;

fn no_route<T>() -> Result<T, PortError> {
    Err(PortError::new("seqn", Fault::NoRoute))
}

#[async_trait]
impl SeqnRead for World {
    fn mode(&self, _: Operation) -> Mode {
        Mode::Api
    }
    fn canary(&self) -> Option<String> {
        None
    }
    fn console(&self) -> String {
        "https://console.example".into()
    }
    async fn sessions(&self, org: &OrgSlug, _: &Email) -> Result<Vec<SeqnSession>, PortError> {
        World::sessions(self, org.as_str())
    }
    async fn projects_by_key_prefix(&self, _: &str) -> Result<Vec<KeyOwner>, PortError> {
        no_route()
    }
    async fn subscription(&self, _: &OrgSlug) -> Result<Subscription, PortError> {
        no_route()
    }
    async fn usage(&self, _: &OrgSlug) -> Result<Amounts, PortError> {
        no_route()
    }
    async fn member(&self, _: &OrgSlug, _: &Email) -> Result<Option<Member>, PortError> {
        no_route()
    }
    async fn another_admin(&self, _: &OrgSlug, _: &str) -> Result<Option<Member>, PortError> {
        no_route()
    }
    async fn people(&self, _: &Email) -> Result<Vec<SeqnUser>, PortError> {
        no_route()
    }
    async fn project(&self, _: &OrgSlug, _: &OrgSlug) -> Result<Project, PortError> {
        no_route()
    }
    async fn public_config(&self, _: &str) -> Result<PublicConfig, PortError> {
        no_route()
    }
    async fn webhooks(&self, _: &OrgSlug) -> Result<Vec<Webhook>, PortError> {
        no_route()
    }
    async fn deliveries(&self, _: &OrgSlug, _: &str, _: u32) -> Result<Vec<Delivery>, PortError> {
        no_route()
    }
    async fn audit_log(&self, _: &AuditQuery) -> Result<Vec<AuditEntry>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl SeqnAct for World {
    async fn end_session(&self, org: &OrgSlug, session: &SessionId, of: Behalf<'_>) -> Result<(), PortError> {
        self.ends(org.as_str(), session.as_str(), of).await
    }
    async fn set_role(&self, _: &OrgSlug, _: &str, _: &str, _: Behalf<'_>) -> Result<(), PortError> {
        no_route()
    }
    async fn write_project(&self, _: &OrgSlug, _: &OrgSlug, _: &ProjectChange, _: Behalf<'_>) -> Result<(), PortError> {
        no_route()
    }
    async fn write_subscription(&self, _: &OrgSlug, _: &SubscriptionChange, _: Behalf<'_>) -> Result<(), PortError> {
        no_route()
    }
    async fn send_test_event(&self, _: &OrgSlug, _: &str, _: Behalf<'_>) -> Result<(), PortError> {
        no_route()
    }
    async fn rotate_key(&self, _: &OrgSlug, _: &KeyOf, _: Behalf<'_>) -> Result<NewKey, PortError> {
        no_route()
    }
}

#[async_trait]
impl HandoverRead for World {
    fn way(&self, _: &OrgSlug) -> Option<WayOut> {
        None
    }
    async fn test(&self, _: &OrgSlug) -> Result<(), NoWay> {
        Ok(())
    }
}

#[async_trait]
impl HandoverAct for World {
    fn seal(&self, _: &OrgSlug, _: &Secret) -> Result<Option<Redacted<String>>, NoWay> {
        Ok(None)
    }
    async fn pass(&self, _: Label<'_>, _: &Secret) -> Result<(), NoWay> {
        Ok(())
    }
}

#[async_trait]
impl IdentityRead for World {
    async fn find(&self, _: &Email) -> Result<Vec<Identity>, PortError> {
        Ok(Vec::new())
    }
    async fn sessions(&self, _: &Identity) -> Result<Vec<IdentitySession>, PortError> {
        Ok(Vec::new())
    }
    async fn refresh_tokens(&self, _: &Identity) -> Result<Vec<RefreshToken>, PortError> {
        Ok(Vec::new())
    }
    async fn in_group(&self, _: &Identity, _: &str) -> Result<Option<bool>, PortError> {
        Ok(None)
    }
    async fn events(&self, _: &Identity, _: &[&str], _: Millis) -> Result<Vec<IdentityEvent>, PortError> {
        Ok(Vec::new())
    }
    async fn events_of_nobody(&self, _: &[&str], _: Millis) -> Result<Vec<IdentityEvent>, PortError> {
        Ok(Vec::new())
    }
    async fn provider(&self, _: &str) -> Result<Provider, PortError> {
        Ok(Provider::default())
    }
}

#[async_trait]
impl IdentityAct for World {
    async fn end_session(&self, _: &str) -> Result<(), PortError> {
        no_route()
    }
    async fn end_refresh_token(&self, _: i64) -> Result<(), PortError> {
        no_route()
    }
}

#[async_trait]
impl ProbeRead for World {
    async fn probe(&self, subject: Subject) -> Finding {
        Finding { subject, light: Light::Skipped, says: String::new(), took_ms: 0 }
    }
}

#[async_trait]
impl ReachRead for World {
    async fn reach(&self, _: &str) -> Reach {
        Reach { host: String::new(), at: self.now(), found: Reached::NoName }
    }
}
