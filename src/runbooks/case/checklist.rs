//! What each class of case is worked through with, and which class a symptom points to (`seqn-facts.md` 3.4).
//!
//! Tables. Invariant: a step with a command names an action of the catalog, which a test walks.

use crate::model::{CaseClass, CaseStep, CaseStepState};

/// A step: what is to be done, and the action whose answer is its evidence.
type Row = (&'static str, Option<&'static str>);

const FIRST: Row = ("See whether the platform is well: `/seqn health`", Some("health"));
const TOLD: Row = ("The customer says that it works, or knows what to do", None);
const LINKED: Row = ("The ticket names the audit-log entries that belong to it", None);

const AUTHENTICATION: &[Row] = &[
    FIRST,
    ("Find out what keeps the person from signing in: `/seqn sign-in`", Some("sign-in")),
    ("The customer tried again in a clean browser session", None),
    (
        "Where a device was lost, a token exposed or somebody left: end the sessions, `/seqn revoke-session`",
        Some("revoke-session"),
    ),
];
const AUTHORIZATION: &[Row] = &[
    ("The customer's /v1/me names the person", None),
    ("Look at the person's role: `/seqn admin-access`", Some("admin-access")),
];
const PROJECT: &[Row] = &[
    ("Compare the configuration with the app's environment: `/seqn project-config`", Some("project-config")),
    ("Look at the provisioning: `/seqn provisioning`", Some("provisioning")),
    ("The customer's backend says that its key is well", None),
];
const SUBSCRIPTION: &[Row] = &[
    ("See what blocks: `/seqn subscription`", Some("subscription")),
    ("An admin of SEQN Auth decided about the plan or the limits, or nothing blocks", None),
];
const WEBHOOK: &[Row] = &[
    ("Look at the endpoint and its deliveries: `/seqn webhook`", Some("webhook")),
    ("The receiver verifies on the raw body, answers in time and takes each event once", None),
];
const AVAILABILITY: &[Row] = &[
    FIRST,
    ("See whether a limit answers: `/seqn rate-limit`", Some("rate-limit")),
    ("An incident was opened, or nobody else is affected", None),
];

const fn rows(class: CaseClass) -> &'static [Row] {
    match class {
        CaseClass::Authentication => AUTHENTICATION,
        CaseClass::Authorization => AUTHORIZATION,
        CaseClass::ProjectConfig => PROJECT,
        CaseClass::Subscription => SUBSCRIPTION,
        CaseClass::Webhook => WEBHOOK,
        CaseClass::Availability => AVAILABILITY,
    }
}

/// The checklist of that class.
pub(super) fn steps(class: CaseClass) -> Vec<CaseStep> {
    let step = |(says, action): &Row| CaseStep {
        says: (*says).into(),
        action: action.map(str::to_owned),
        state: CaseStepState::Todo,
        staff: None,
        evidence: String::new(),
    };
    rows(class).iter().chain([&TOLD, &LINKED]).map(step).collect()
}

/// Words of a symptom, lower case, and the class that they point to. The first that fits wins.
const SYMPTOMS: [(&str, CaseClass); 26] = [
    ("lost device", CaseClass::Authentication),
    ("stolen", CaseClass::Authentication),
    ("token exposure", CaseClass::Authentication),
    ("left the company", CaseClass::Authentication),
    ("subscription_", CaseClass::Subscription),
    ("402", CaseClass::Subscription),
    ("limit exceeded", CaseClass::Subscription),
    ("cannot create", CaseClass::Subscription),
    ("signature", CaseClass::Webhook),
    ("webhook", CaseClass::Webhook),
    ("delivery", CaseClass::Webhook),
    ("events", CaseClass::Webhook),
    ("provisioning", CaseClass::ProjectConfig),
    ("redirect_uri", CaseClass::ProjectConfig),
    ("cors", CaseClass::ProjectConfig),
    ("origin", CaseClass::ProjectConfig),
    ("invalid_secret_key", CaseClass::ProjectConfig),
    ("application_disabled", CaseClass::ProjectConfig),
    ("429", CaseClass::Availability),
    ("5xx", CaseClass::Availability),
    ("down", CaseClass::Availability),
    ("certificate", CaseClass::Availability),
    ("403", CaseClass::Authorization),
    ("admin", CaseClass::Authorization),
    ("permission", CaseClass::Authorization),
    ("role", CaseClass::Authorization),
];

/// The class that a symptom points to; without a better word it is about signing in.
pub(super) fn proposed(symptom: &str) -> CaseClass {
    let symptom = symptom.to_lowercase();
    let fits = |(word, _): &&(&str, CaseClass)| symptom.contains(word);
    SYMPTOMS.iter().find(fits).map_or(CaseClass::Authentication, |(_, class)| *class)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [CaseClass; 6] = [
        CaseClass::Authentication,
        CaseClass::Authorization,
        CaseClass::ProjectConfig,
        CaseClass::Subscription,
        CaseClass::Webhook,
        CaseClass::Availability,
    ];

    #[test]
    fn every_step_with_a_command_names_an_action() {
        let catalog = crate::catalog::Catalog::new(crate::runbooks::actions());
        for class in ALL {
            for action in steps(class).into_iter().filter_map(|step| step.action) {
                assert!(catalog.find(&action).is_some(), "{action}");
            }
        }
    }

    #[test]
    fn symptoms_of_the_runbook_point_to_their_class() {
        for (symptom, class) in [
            ("Login loop", CaseClass::Authentication),
            ("callback error", CaseClass::Authentication),
            ("wrong workspace", CaseClass::Authentication),
            ("admin API says 403", CaseClass::Authorization),
            ("402 subscription_inactive", CaseClass::Subscription),
            ("402 subscription_limit_exceeded", CaseClass::Subscription),
            ("429 rate_limited", CaseClass::Availability),
            ("Invalid signature", CaseClass::Webhook),
            ("provisioning blocked", CaseClass::ProjectConfig),
            ("Lost device of an admin", CaseClass::Authentication),
        ] {
            assert_eq!(proposed(symptom), class, "{symptom}");
        }
    }
}
