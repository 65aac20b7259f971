//! Reading SEQN Auth: every question of the port, each over its route.
//!
//! It changes nothing. Invariant: a filter that the server may not know is applied here again.

use async_trait::async_trait;
use url::Url;

use crate::model::{Email, KeyOwner, Millis, OrgSlug};
use crate::ports::{
    Amounts, AuditEntry, AuditQuery, Delivery, Member, Mode, Operation, PortError, Project, PublicConfig, SeqnRead,
    SeqnSession, SeqnUser, Subscription, Webhook,
};

use super::super::http::Ask;
use super::super::seqn_pages::{WireEntry, WireProject, WireSession, sessions_of};
use super::super::seqn_plan::{WireAmounts, WireSubscription};
use super::super::seqn_wire::{WireDeliveries, WireMember, WirePublic, WireUsers, WireWebhooks, WireWhole};
use super::{Link, SeqnReader, garbled, in_time};

/// Entries of the audit log when the query does not say: the default of the API.
const AUDIT_DEFAULT: u32 = 50;
/// Most entries of one page of the audit log, from the API description.
const AUDIT_PAGE_MOST: u32 = 200;
/// The parameter that finds projects by their key, from the API description.
pub(super) const KEY_PREFIX: &str = "secretKeyPrefix";
/// The documented public route, which needs no credential.
const CLIENT_CONFIG: &str = "/v1/client/config";
/// The header of the documented public route.
const PUBLISHABLE_KEY: &str = "x-seqn-publishable-key";
/// The role of an organization's admins; the only documented one.
const ADMIN: &str = "admin";

#[async_trait]
impl SeqnRead for SeqnReader {
    fn mode(&self, operation: Operation) -> Mode {
        self.link.routes.mode(operation)
    }

    fn console(&self) -> String {
        self.link.routes.console().to_string()
    }

    fn canary(&self) -> Option<String> {
        self.canary.clone()
    }

    async fn sessions(&self, org: &OrgSlug, user: &Email) -> Result<Vec<SeqnSession>, PortError> {
        let operation = Operation::ListSessions;
        self.link.open(operation)?;
        let mut url = self.link.url(operation, &[("org", org.as_str())])?;
        url.query_pairs_mut().append_pair("email", user.as_str());
        let mut all: Vec<WireSession> = Vec::new();
        in_time(self.link.pages(operation, &url, |page| {
            all.extend(page);
            Ok(false)
        }))
        .await?;
        sessions_of(user, all).ok_or_else(|| garbled("A session could not be read, or has no owner."))
    }

    async fn projects_by_key_prefix(&self, prefix: &str) -> Result<Vec<KeyOwner>, PortError> {
        let operation = Operation::FindProjects;
        self.link.open(operation)?;
        let mut url = self.link.url(operation, &[])?;
        url.query_pairs_mut().append_pair(KEY_PREFIX, prefix);
        let mut owners = Vec::new();
        in_time(self.link.pages(operation, &url, |page: Vec<WireProject>| {
            owners.extend(page.into_iter().filter_map(|project| project.with_key(prefix)));
            Ok(false)
        }))
        .await?;
        Ok(owners)
    }

    async fn subscription(&self, org: &OrgSlug) -> Result<Subscription, PortError> {
        let wire: WireSubscription = self.link.of_org(Operation::GetSubscription, org).await?;
        wire.read().ok_or_else(|| garbled("The subscription has no plan or no status."))
    }

    async fn usage(&self, org: &OrgSlug) -> Result<Amounts, PortError> {
        let wire: WireAmounts = self.link.of_org(Operation::GetUsage, org).await?;
        Ok(wire.read())
    }

    async fn member(&self, org: &OrgSlug, user: &Email) -> Result<Option<Member>, PortError> {
        let hers = |member: &Member| user.same_as(&member.email);
        self.link.find_member(org, Some(user), hers).await
    }

    async fn another_admin(&self, org: &OrgSlug, than: &str) -> Result<Option<Member>, PortError> {
        self.link.find_member(org, None, |member| member.role == ADMIN && member.id != than).await
    }

    async fn people(&self, user: &Email) -> Result<Vec<SeqnUser>, PortError> {
        let wire: WireUsers = self.link.one(Operation::FindUsers, &[], &[("email", user.as_str())]).await?;
        let mut people = wire.read().ok_or_else(|| garbled("A user could not be read."))?;
        people.retain(|person| user.same_as(&person.email));
        Ok(people)
    }

    async fn project(&self, org: &OrgSlug, project: &OrgSlug) -> Result<Project, PortError> {
        let path = [("org", org.as_str()), ("project", project.as_str())];
        let wire: WireWhole = self.link.one(Operation::GetProject, &path, &[]).await?;
        wire.read().filter(|found| found.slug == project.as_str()).ok_or_else(|| garbled("It is no such project."))
    }

    async fn public_config(&self, publishable_key: &str) -> Result<PublicConfig, PortError> {
        let ask = Ask::get(self.link.base.at(CLIENT_CONFIG)).header(PUBLISHABLE_KEY, publishable_key);
        let wire: WirePublic = self.link.wire.exchange(ask.header("accept", "application/json")).await?.json()?;
        wire.read().ok_or_else(|| garbled("It names no application or no status."))
    }

    async fn webhooks(&self, org: &OrgSlug) -> Result<Vec<Webhook>, PortError> {
        let wire: WireWebhooks = self.link.of_org(Operation::ListWebhooks, org).await?;
        wire.read().ok_or_else(|| garbled("A webhook could not be read."))
    }

    async fn deliveries(&self, org: &OrgSlug, webhook: &str, most: u32) -> Result<Vec<Delivery>, PortError> {
        let path = [("org", org.as_str()), ("webhookId", webhook)];
        let limit = most.to_string();
        let wire: WireDeliveries = self.link.one(Operation::ListDeliveries, &path, &[("limit", &limit)]).await?;
        wire.read(most).ok_or_else(|| garbled("A delivery could not be read."))
    }

    async fn audit_log(&self, query: &AuditQuery) -> Result<Vec<AuditEntry>, PortError> {
        let operation = Operation::ListAuditLogs;
        self.link.open(operation)?;
        let most = if query.most == 0 { AUDIT_DEFAULT } else { query.most };
        let mut url = self.link.url(operation, &[])?;
        audit_query(&mut url, query, most.min(AUDIT_PAGE_MOST));
        let mut all: Vec<AuditEntry> = Vec::new();
        let enough = usize::try_from(most).unwrap_or(usize::MAX);
        // Only a list that comes newest first may be left before its end.
        let (mut ordered, mut last) = (true, Millis(i64::MAX));
        in_time(self.link.pages(operation, &url, |page: Vec<WireEntry>| {
            for entry in page {
                let sorted = entry.read(query).ok_or_else(|| garbled("An entry could not be read."))?;
                ordered &= sorted.entry.at <= last;
                last = sorted.entry.at;
                if sorted.wanted {
                    all.push(sorted.entry);
                }
            }
            Ok(ordered && (last < query.since || all.len() >= enough))
        }))
        .await?;
        all.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        all.truncate(enough);
        Ok(all)
    }
}

fn audit_query(url: &mut Url, query: &AuditQuery, limit: u32) {
    let mut pairs = url.query_pairs_mut();
    for (name, value) in [("organization", &query.org), ("actor", &query.actor), ("target", &query.target)] {
        if !value.is_empty() {
            pairs.append_pair(name, value);
        }
    }
    if query.since.0 > 0 {
        pairs.append_pair("since", &query.since.to_rfc3339());
    }
    pairs.append_pair("limit", &limit.to_string());
}

impl Link {
    /// The first member that fits; the pages after it are not read.
    async fn find_member(
        &self,
        org: &OrgSlug,
        email: Option<&Email>,
        fits: impl Fn(&Member) -> bool + Send + Sync,
    ) -> Result<Option<Member>, PortError> {
        let operation = Operation::ListMembers;
        self.open(operation)?;
        let mut url = self.url(operation, &[("org", org.as_str())])?;
        if let Some(email) = email {
            url.query_pairs_mut().append_pair("email", email.as_str());
        }
        let mut found = None;
        in_time(self.pages(operation, &url, |page: Vec<WireMember>| {
            for member in page {
                let member = member.read().ok_or_else(|| garbled("A member could not be read."))?;
                if fits(&member) {
                    found = Some(member);
                    return Ok(true);
                }
            }
            Ok(false)
        }))
        .await?;
        Ok(found)
    }
}
