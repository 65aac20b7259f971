//! The canary probe: which of the reading routes this installation has.
//!
//! Changing routes are never probed. Invariant: only a canary organization that is known there proves anything.

use crate::model::OrgSlug;
use crate::ports::Operation;

use super::super::answer::{Answer, Body};
use super::super::http::Ask;
use super::super::routes::{Found, RouteReport, name, probed};
use super::read::KEY_PREFIX;
use super::{SeqnReader, THING_MISSING};

/// An address that nobody has: an empty list says that the route is there (RFC 2606).
const NOBODY: &str = "canary@nobody.invalid";

impl SeqnReader {
    /// Asks each reading route about an organization that exists, and remembers which routes are missing.
    /// Changing routes are never probed.
    pub async fn probe_routes(&self, canary: &OrgSlug) -> Vec<RouteReport> {
        let mut reports = Vec::new();
        for operation in probed() {
            let (found, says) = self.probe_route(operation, canary).await;
            self.link.routes.remember(operation, found);
            reports.push(RouteReport { operation, name: name(operation), found, says });
        }
        reports
    }

    async fn probe_route(&self, operation: Operation, canary: &OrgSlug) -> (Found, String) {
        if self.link.credential.is_none() {
            return (Found::Unknown, "No reading credential is configured.".into());
        }
        let url = match self.link.url(operation, &[("org", canary.as_str())]) {
            Ok(url) => url,
            Err(error) => return (Found::Unknown, error.to_string()),
        };
        let mut ask = Ask::get(url);
        match operation {
            Operation::ListAuditLogs => ask = ask.query("organization", canary.as_str()).query("limit", "1"),
            // A prefix that no key has: an empty list says that the route is there.
            Operation::FindProjects => ask = ask.query(KEY_PREFIX, "canary"),
            Operation::FindUsers => ask = ask.query("email", NOBODY),
            _ => {}
        }
        match self.link.send(ask).await {
            Ok(answer) => conclude(&answer),
            Err(error) => (Found::Unknown, error.to_string()),
        }
    }
}

fn conclude(answer: &Answer) -> (Found, String) {
    match answer.status {
        200..=299 if matches!(answer.body, Body::Json(_)) => (Found::There, "It answers.".into()),
        200..=299 => (Found::Unknown, "It answers, but not with JSON.".into()),
        401 | 403 => (Found::NoRight, answer.error().to_string()),
        404 if THING_MISSING.contains(&answer.code().as_str()) => {
            (Found::Unknown, "The canary organization is not known there. Check its slug.".into())
        }
        404 | 405 => (Found::Missing, "The route is not there.".into()),
        _ => (Found::Unknown, answer.error().to_string()),
    }
}
