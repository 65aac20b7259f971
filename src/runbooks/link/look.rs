//! What both logs say in that time about that organization, user and request id. Reads only; each log fails on its own.

use futures_util::future::join;

use crate::catalog::Asked;
use crate::model::{Evidence, MINUTE_MS, Millis};
use crate::ports::{AuditEntry, AuditQuery, IdentityEvent, PortError, Reads};

use super::{Facts, Input};

/// How far back is looked without a time.
const BACK_MS: i64 = 24 * 60 * MINUTE_MS;
/// How long before and after the case's time.
const AROUND_MS: i64 = 60 * MINUTE_MS;
/// The most entries that are read of one log.
const READ_MOST: u32 = 200;
/// What Authentik logs about a person.
const EVENTS: [&str; 9] = [
    "login",
    "login_failed",
    "logout",
    "password_set",
    "suspicious_request",
    "authorize_application",
    "impersonation_started",
    "user_write",
    "model_updated",
];

pub(super) async fn look(asked: &Asked<'_>, input: &Input, reads: &Reads) -> Result<Facts, PortError> {
    let case = reads.cases.case_here(asked.place).await?.filter(|case| case.known("org") == input.org.as_str());
    let known = |name: &str| case.as_ref().map(|case| case.known(name)).filter(|text| !text.is_empty());
    let request_id = input.request_id.as_deref().or_else(|| known("request-id")).map(str::to_owned);
    let time = known("time").and_then(Millis::from_rfc3339);
    let since = input.since.or_else(|| time.map(|at| at.plus_ms(-AROUND_MS)));
    let since = since.unwrap_or_else(|| asked.asked.plus_ms(-BACK_MS));
    let about = time.filter(|_| input.since.is_none()).map(|at| at.plus_ms(AROUND_MS));
    let until = input.until.or(about).unwrap_or(Millis(i64::MAX));
    let within = |at: Millis| at >= since && at < until;
    let wanted = Wanted { input, request_id: request_id.as_deref() };
    let (seqn, authentik) = join(wanted.seqn(since, reads), wanted.authentik(since, reads)).await;
    let keep = |found: Vec<Evidence>| found.into_iter().filter(|one| within(one.at)).collect();
    let incident = match input.incident {
        Some(number) => Some(reads.incidents.incident_numbered(number).await?),
        None => None,
    };
    let there = reads.trail.linked_to(asked.request).await?;
    Ok(Facts { since, seqn: seqn.map(keep), authentik: authentik.map(|found| found.map(keep)), incident, there })
}

/// Of what the entries shall be.
struct Wanted<'a> {
    input: &'a Input,
    request_id: Option<&'a str>,
}

impl Wanted<'_> {
    async fn seqn(&self, since: Millis, reads: &Reads) -> Result<Vec<Evidence>, PortError> {
        let ids: Vec<String> = match &self.input.user {
            // An entry names a person by id or by address.
            Some(user) => reads.seqn.people(user).await?.into_iter().map(|person| person.id).collect(),
            None => Vec::new(),
        };
        let org = self.input.org.to_string();
        let query = AuditQuery { org, since, most: READ_MOST, ..AuditQuery::default() };
        let log = reads.seqn.audit_log(&query).await?;
        Ok(log.iter().filter(|entry| self.fits(entry, &ids)).map(|entry| entry.evidence(false)).collect())
    }

    fn fits(&self, entry: &AuditEntry, ids: &[String]) -> bool {
        let user = self.input.user.as_ref();
        if user.is_none() && self.request_id.is_none() {
            return true;
        }
        let named = |text: &String| user.is_some_and(|user| user.same_as(text)) || ids.contains(text);
        let request = self.request_id.is_some_and(|id| entry.request_id == id);
        request || named(&entry.actor) || named(&entry.target)
    }

    async fn authentik(&self, since: Millis, reads: &Reads) -> Option<Result<Vec<Evidence>, PortError>> {
        let user = self.input.user.as_ref()?;
        let found = async {
            let mut all = Vec::new();
            for identity in reads.identity.find(user).await? {
                all.extend(reads.identity.events(&identity, &EVENTS, since).await?.into_iter().map(of_authentik));
            }
            Ok(all)
        };
        Some(found.await)
    }
}

fn of_authentik(event: IdentityEvent) -> Evidence {
    Evidence {
        source: "authentik".into(),
        id: event.id,
        at: event.at,
        action: event.action,
        after: false,
        suspicion: String::new(),
    }
}
