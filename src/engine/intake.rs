//! Intake: from an envelope to the first answer. No network; what must not be lost is committed before.
//!
//! Everything passes the guard first. A redelivery gets the answer that was given before.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::guard::{Finding, Redacted, Untrusted};
use crate::model::{
    Ack, AnswerMode, CommandInput, Envelope, Fields, Form, Happening, Message, Millis, Place, Platform, Press, Refusal,
    RefusalCode, RequestId, StaffId, Verb,
};
use crate::ports::Door;
use crate::store::Tx;

use super::note::Note;
use super::{Engine, Fact, Trouble, say};

/// The longest first answer that is kept for a redelivery, in bytes; a longer one becomes "seen".
const ANSWER_MOST: usize = 64 * 1024;

/// An envelope whose texts have passed the guard.
pub(super) struct Arrival {
    pub(super) envelope: Envelope,
    pub(super) what: Clean,
    pub(super) now: Millis,
}

/// What happened, clean.
pub(super) enum Clean {
    Line(Redacted<String>),
    /// A message that the bot was asked about: a command, if its text is one.
    Asked(Redacted<String>),
    Tree {
        path: Vec<String>,
        options: Vec<(String, String)>,
    },
    Press {
        control: Redacted<String>,
        value: Option<Redacted<String>>,
    },
    Submit {
        token: Redacted<String>,
        values: Vec<(String, String)>,
    },
    /// A message that is to be put on a timeline.
    Note(Note),
}

/// An answer as it is kept for redeliveries.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kept {
    Nothing,
    Working(AnswerMode),
    Say(AnswerMode, Message),
    Form(Form),
    FieldErrors(Vec<(String, String)>),
}

/// What a step of intake decided: the answer, and the request that it is about.
pub(super) struct Decided {
    pub(super) ack: Ack,
    pub(super) request: Option<RequestId>,
}

#[async_trait]
impl Door for Engine {
    async fn receive(&self, envelope: Envelope) -> Ack {
        if let Happening::Typing { .. } = &envelope.what {
            return Ack::Suggest(self.suggest(envelope).await);
        }
        if let Happening::Said(_) | Happening::Gone { .. } = &envelope.what {
            self.overhear(envelope).await;
            return Ack::Nothing;
        }
        match self.take(envelope).await {
            Ok(ack) => {
                self.wake();
                ack
            }
            Err(Trouble::Stopping) => {
                tracing::info!("intake.not_taken");
                self.seal(say::not_taken()).map_or(Ack::Nothing, |m| Ack::Say(AnswerMode::Fresh, Box::new(m)))
            }
            Err(trouble) => {
                let reference = self.parts.ids.request();
                tracing::error!(error = %trouble, reference = %reference, "intake.failed");
                let message = say::bug(&reference);
                self.seal(message).map_or(Ack::Nothing, |m| Ack::Say(AnswerMode::Fresh, Box::new(m)))
            }
        }
    }

    async fn keeps_notes(&self, place: &Place) -> bool {
        // Where that cannot be read, the message is: the answer then says why nothing came of it.
        self.parts.store.is_incident_room(place).await.unwrap_or(true)
    }

    async fn gap(&self, platform: Platform) {
        self.eyes.missed(platform, self.parts.clock.now());
        self.wake();
    }
}

impl Engine {
    async fn take(&self, mut envelope: Envelope) -> Result<Ack, Trouble> {
        let now = self.parts.clock.now();
        let what = std::mem::replace(&mut envelope.what, Happening::Command(CommandInput::Line(Untrusted::default())));
        let clean = self.admit(what);
        let (mut tx, seen) = self.parts.store.begin_delivery(&envelope.key).await?;
        if let Some(seen) = seen {
            return self.again(&seen.answer);
        }
        let decided = match clean {
            Ok(what) => self.decide(&mut tx, &Arrival { envelope: envelope.clone(), what, now }).await?,
            Err(findings) => self.refuse_secret(&mut tx, &envelope, &findings).await?,
        };
        let kept = self.keep(&decided.ack)?;
        tx.remember(&envelope.key, decided.request.as_ref(), &kept, now)?;
        self.parts.stop.check()?;
        tx.commit().await?;
        // It stands. If we are told to stop right here, it goes on after the next start, and that is what is said.
        match (self.parts.stop.check(), decided.ack, &decided.request) {
            (Err(_), Ack::Working(mode), Some(id)) => Ok(Ack::Say(mode, Box::new(self.seal(say::taken(id))?))),
            (_, ack, _) => Ok(ack),
        }
    }

    async fn decide(&self, tx: &mut Tx<'_>, arrival: &Arrival) -> Result<Decided, Trouble> {
        let envelope = &arrival.envelope;
        if let Clean::Press { control, .. } = &arrival.what
            && let Ok(press) = control.as_str().parse::<Press>()
            && press.verb == Verb::Harmless
        {
            // Whoever wrote the message may say so, known to us or not.
            return self.judge(tx, arrival, &press).await;
        }
        let staff = match self.policy().identify(&envelope.account, envelope.outsider, &envelope.place) {
            Ok(staff) => staff.clone(),
            Err(no) => {
                let stranger = no.code == RefusalCode::UnknownPerson;
                let signs_in = if stranger { self.stranger(tx, arrival).await? } else { None };
                return match signs_in {
                    Some(decided) => Ok(decided),
                    None => self.refuse(tx, None, None, AnswerMode::Fresh, &no).await,
                };
            }
        };
        tx.know_person(&staff, arrival.now).await?;
        match &arrival.what {
            Clean::Line(_) | Clean::Asked(_) | Clean::Tree { .. } => self.command(tx, arrival, &staff).await,
            Clean::Press { control, value } => self.press(tx, arrival, &staff, control, value.as_deref()).await,
            Clean::Submit { token, values } => self.submit(tx, arrival, &staff, token, values).await,
            Clean::Note(note) => self.put_on_timeline(tx, arrival, &staff, note).await,
        }
    }

    fn admit(&self, what: Happening) -> Result<Clean, Vec<Finding>> {
        let guard = &self.parts.guard;
        let pairs = |pairs: Vec<(String, Untrusted)>| -> Result<Vec<(String, String)>, Vec<Finding>> {
            pairs.into_iter().map(|(k, v)| Ok((k, guard.admit(v)?.into_inner()))).collect()
        };
        Ok(match what {
            Happening::Command(CommandInput::Line(text)) => Clean::Line(guard.admit(text)?),
            Happening::Shortcut { text, .. } => Clean::Asked(guard.admit(text)?),
            Happening::Command(CommandInput::Tree { path, options }) => {
                let admit = |text| guard.admit(text).map(Redacted::into_inner);
                Clean::Tree { path: path.into_iter().map(admit).collect::<Result<_, _>>()?, options: pairs(options)? }
            }
            Happening::Pressed { control, value } => {
                Clean::Press { control: guard.admit(control)?, value: value.map(|v| guard.admit(v)).transpose()? }
            }
            Happening::Submitted { token, values } => {
                Clean::Submit { token: guard.admit(token)?, values: pairs(values)? }
            }
            Happening::Noted(noted) => Clean::Note(Note::of(guard, noted)?),
            Happening::Typing { .. } | Happening::Said(_) | Happening::Gone { .. } => {
                Clean::Line(Redacted::from_static(""))
            }
        })
    }

    /// Refuses: says it, and puts it into the audit trail.
    pub(super) async fn refuse(
        &self,
        tx: &mut Tx<'_>,
        staff: Option<&StaffId>,
        request: Option<&RequestId>,
        mode: AnswerMode,
        refusal: &Refusal,
    ) -> Result<Decided, Trouble> {
        self.refuse_with(tx, staff, request, mode, refusal, json!({})).await
    }

    /// Refuses what was asked: the trail keeps which action it was, for which ticket and customer.
    pub(super) async fn refuse_asked(
        &self,
        tx: &mut Tx<'_>,
        staff: &StaffId,
        action: &str,
        fields: &Fields,
        refusal: &Refusal,
    ) -> Result<Decided, Trouble> {
        let known = |name: &str| fields.get(name);
        let asked = json!({ "action": action, "ticket": known("ticket"), "org": known("org"), "user": known("user") });
        self.refuse_with(tx, Some(staff), None, AnswerMode::Fresh, refusal, asked).await
    }

    async fn refuse_with(
        &self,
        tx: &mut Tx<'_>,
        staff: Option<&StaffId>,
        request: Option<&RequestId>,
        mode: AnswerMode,
        refusal: &Refusal,
        mut details: Value,
    ) -> Result<Decided, Trouble> {
        let reference = request.cloned().unwrap_or_else(|| self.parts.ids.request());
        details["code"] = json!(refusal.code);
        details["what"] = json!(refusal.what);
        details["why"] = json!(refusal.why);
        let fact = Fact { staff, action: "refusal", request: Some(&reference), outcome: "refused", details };
        self.audit(tx, fact).await?;
        let message = self.seal(say::refusal(refusal, &reference))?;
        Ok(Decided { ack: Ack::Say(mode, Box::new(message)), request: None })
    }

    async fn refuse_secret(&self, tx: &mut Tx<'_>, envelope: &Envelope, found: &[Finding]) -> Result<Decided, Trouble> {
        let kinds: Vec<&str> = found.iter().map(|f| f.rule.kind()).collect();
        let rotation = found.first().map_or("", |f| f.rule.rotation());
        let refusal = Refusal::new(
            RefusalCode::Secret,
            format!("This holds a raw secret ({}). I have not stored it and not used it.", kinds.join(", ")),
            "The platform itself has already logged what was typed, so the secret counts as disclosed.",
            rotation,
        );
        let policy = self.policy();
        let staff = policy.identify(&envelope.account, envelope.outsider, &envelope.place).ok().map(|s| s.id.clone());
        self.refuse(tx, staff.as_ref(), None, AnswerMode::Fresh, &refusal).await
    }

    fn keep(&self, ack: &Ack) -> Result<Redacted<String>, Trouble> {
        let kept = match ack {
            Ack::Nothing | Ack::Suggest(_) => Kept::Nothing,
            Ack::Working(mode) => Kept::Working(*mode),
            Ack::Say(mode, message) => Kept::Say(*mode, (***message).clone()),
            Ack::Form(form) => Kept::Form((***form).clone()),
            Ack::FieldErrors(errors) => Kept::FieldErrors(errors.clone()),
        };
        let text = serde_json::to_string(&kept).map_err(|e| Trouble::Bug(e.to_string()))?;
        self.seal(if text.len() > ANSWER_MOST { "\"nothing\"".to_owned() } else { text })
    }

    fn again(&self, kept: &str) -> Result<Ack, Trouble> {
        let kept: Kept = serde_json::from_str(kept).map_err(|e| Trouble::Bug(e.to_string()))?;
        Ok(match kept {
            Kept::Nothing => Ack::Nothing,
            Kept::Working(mode) => Ack::Working(mode),
            Kept::Say(mode, message) => Ack::Say(mode, Box::new(self.seal(message)?)),
            Kept::Form(form) => Ack::Form(Box::new(self.seal(form)?)),
            Kept::FieldErrors(errors) => Ack::FieldErrors(errors),
        })
    }
}
