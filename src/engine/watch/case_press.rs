//! A case's buttons: somebody begins to replace the secret, has it verified, or says that it was replaced.
//!
//! No network. Invariant: a case is closed by what was looked up, or by a person with a reason; never by silence.

use serde_json::json;

use crate::guard::RuleName;
use crate::model::{
    Ack, AnswerMode, Block, Field, FieldKind, Form, Leak, LeakState, Message, Press, Refusal, RefusalCode, RequestId,
    Staff, Tone, Verb,
};
use crate::store::Tx;

use super::super::intake::{Arrival, Decided};
use super::super::{Engine, Fact, Trouble};
use super::see::names_a_project;

/// The longest reason, in characters.
const REASON_MOST: u16 = 300;
/// The form's only field.
const REASON: &str = "reason";

impl Engine {
    /// The open case that a form's token names.
    pub(in crate::engine) async fn case_of(&self, tx: &mut Tx<'_>, token: &str) -> Result<Option<Leak>, Trouble> {
        match token.parse::<RequestId>() {
            Ok(id) if id.as_str().starts_with("LK-") => Ok(tx.leak(&id).await?),
            _ => Ok(None),
        }
    }

    pub(in crate::engine) async fn press_case(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        press: &Press,
    ) -> Result<Decided, Trouble> {
        let Some(leak) = tx.leak(&press.request).await? else {
            return self.refuse(tx, Some(&staff.id), None, AnswerMode::Fresh, &super::super::press::unknown()).await;
        };
        if let Err(no) = self.may_move(staff, &leak) {
            return self.refuse(tx, Some(&staff.id), Some(&leak.id), AnswerMode::Fresh, &no).await;
        }
        match press.verb {
            Verb::Rotate => self.begin_rotation(tx, arrival, staff, &leak).await,
            Verb::Verify => self.ask_to_verify(tx, arrival, staff, &leak).await,
            _ => Ok(Decided { ack: Ack::Form(Box::new(self.seal(reason_form(&leak))?)), request: None }),
        }
    }

    fn may_move(&self, staff: &Staff, leak: &Leak) -> Result<(), Refusal> {
        self.policy().may_oversee(staff)?;
        if leak.state == LeakState::Closed {
            return Err(Refusal::new(
                RefusalCode::Already,
                "This case is closed.",
                leak.outcome.clone(),
                "Nothing more to do here.",
            ));
        }
        Ok(())
    }

    async fn begin_rotation(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        leak: &Leak,
    ) -> Result<Decided, Trouble> {
        if leak.state == LeakState::Open {
            let outcome = self.seal(format!("{} is replacing it.", staff.name))?;
            tx.move_leak(&leak.id, LeakState::Rotating, &outcome, arrival.now).await?;
            self.note_case(tx, Some(staff), leak, "rotating", json!({})).await?;
            if let Some(moved) = tx.leak(&leak.id).await? {
                self.owe_case(tx, &moved, arrival.now).await?;
            }
        }
        let steps = RuleName::known(&leak.rule)
            .map_or("Replace this secret at the service that issued it.", RuleName::rotation);
        let mut message = Message::titled(Tone::Caution, format!("Replace this now: {}.", leak.named()))
            .text(steps)
            .text("Never paste the new value into chat.");
        if names_a_project(&leak.rule, &leak.prefix) {
            let url = self.parts.reads.seqn.console();
            message = message.with(Block::Link { label: "Open the hosted console".into(), url });
        }
        if let Some(ask) = rotation(staff, leak) {
            let says = "To have it agreed to, done or worked off, proved and recorded, somebody who may ask for it sends this \
                        in an action channel, with the ticket:";
            message = message.text(says).with(Block::Code(ask));
        }
        let message = message.text("Then use the button on the case.").reference(leak.id.to_string());
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?)), request: None })
    }

    async fn ask_to_verify(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        leak: &Leak,
    ) -> Result<Decided, Trouble> {
        tx.look_leak_up(&leak.id, Some(arrival.now), 0).await?;
        self.note_case(tx, Some(staff), leak, "verify_asked", json!({})).await?;
        let message = Message::titled(Tone::Plain, "I am looking whether the key was replaced.")
            .text("The case's message says what I find.")
            .reference(leak.id.to_string());
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?)), request: None })
    }

    /// A person says that the secret was replaced.
    pub(in crate::engine) async fn close_case(
        &self,
        tx: &mut Tx<'_>,
        arrival: &Arrival,
        staff: &Staff,
        leak: &Leak,
        values: &[(String, String)],
    ) -> Result<Decided, Trouble> {
        if let Err(no) = self.may_move(staff, leak) {
            return self.refuse(tx, Some(&staff.id), Some(&leak.id), AnswerMode::Fresh, &no).await;
        }
        let reason = values.iter().find(|(key, _)| key == REASON).map(|(_, reason)| reason.trim()).unwrap_or_default();
        if reason.is_empty() || reason.chars().count() > usize::from(REASON_MOST) {
            let says = format!("Say how it was replaced, in 1 to {REASON_MOST} characters.");
            return Ok(Decided { ack: Ack::FieldErrors(vec![(REASON.into(), says)]), request: None });
        }
        let outcome = self.seal(format!("{} says that it was replaced: {reason}", staff.name))?;
        tx.move_leak(&leak.id, LeakState::Closed, &outcome, arrival.now).await?;
        tx.look_leak_up(&leak.id, None, 0).await?;
        self.note_case(tx, Some(staff), leak, "closed", json!({ "reason": reason })).await?;
        if let Some(moved) = tx.leak(&leak.id).await? {
            self.owe_case(tx, &moved, arrival.now).await?;
        }
        let message =
            Message::titled(Tone::Good, format!("The case {} is closed.", leak.id)).reference(leak.id.to_string());
        Ok(Decided { ack: Ack::Say(AnswerMode::Fresh, Box::new(self.seal(message)?)), request: None })
    }

    pub(super) async fn note_case(
        &self,
        tx: &mut Tx<'_>,
        staff: Option<&Staff>,
        leak: &Leak,
        outcome: &str,
        details: serde_json::Value,
    ) -> Result<(), Trouble> {
        let staff = staff.map(|staff| &staff.id);
        self.audit(tx, Fact { staff, action: "leak", request: Some(&leak.id), outcome, details }).await
    }
}

/// What to send so that this secret is rotated, filled in as far as the case knows; `None`: no command is about it.
/// Words in capitals are for the sender to replace.
fn rotation(staff: &Staff, leak: &Leak) -> Option<String> {
    let because = format!("confirmed-by=@{} evidence=\"leak case {}\" ticket=", staff.id, leak.id);
    let credential = |name: &str| Some(format!("/rotate credential {name} work=yes {because}"));
    match leak.rule.as_str() {
        rule if names_a_project(rule, &leak.prefix) => {
            let owner = leak.owner.as_ref();
            let (org, project) = owner.map_or(("ORG", "PROJECT"), |owner| (owner.org.as_str(), owner.project.as_str()));
            Some(format!("/rotate secret {org} {project} cause=exposed {because}"))
        }
        "webhook-secret" => Some(format!("/rotate webhook-secret ORG ENDPOINT cause=exposed {because}")),
        "oidc-client-secret" => credential("oidc-client-secret"),
        "authentik-token" => credential("authentik-api-token"),
        "session-secret" => credential("session-secret"),
        "database-url" | "database-password" => credential("database-passwords"),
        "age-key" => credential("backup-key"),
        _ => None,
    }
}

fn reason_form(leak: &Leak) -> Form {
    Form {
        token: leak.id.to_string(),
        title: "It was replaced".into(),
        fields: vec![Field {
            key: REASON.into(),
            label: "How was it replaced?".into(),
            help: "Where, and how you know that the old one no longer works. Never the new value.".into(),
            required: true,
            initial: None,
            kind: FieldKind::Paragraph { max: REASON_MOST },
        }],
    }
}
