//! The console platform as a stage: the same hands and eyes as on Slack and Discord.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use crate::model::{Envelope, Happening, Message};
use crate::platforms::console::{Console, Screen, Shown as On, controls, form_lines, lines};
use crate::ports::Door;

use super::stage::{Audience, Shown, ShownKind, Stage, StageError};

/// The terminal's stage. The door changes when the bot is started again.
pub struct TerminalStage {
    console: Arc<Console>,
    door: Mutex<Option<Arc<dyn Door>>>,
    last: Mutex<BTreeMap<String, Envelope>>,
}

impl TerminalStage {
    /// A stage over that terminal, with no bot behind it yet.
    #[must_use]
    pub fn new(console: Arc<Console>) -> Self {
        Self { console, door: Mutex::default(), last: Mutex::default() }
    }

    /// Puts a bot behind it, or takes it away.
    pub fn behind(&self, door: Option<Arc<dyn Door>>) {
        *self.door.lock().unwrap_or_else(PoisonError::into_inner) = door;
    }

    fn door(&self) -> Result<Arc<dyn Door>, StageError> {
        let door = self.door.lock().unwrap_or_else(PoisonError::into_inner).clone();
        door.ok_or_else(|| StageError("the bot is not running".into()))
    }

    fn remember(&self, who: &str, envelope: Envelope) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).insert(who.into(), envelope);
    }

    fn last(&self, who: &str) -> Result<Envelope, StageError> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).get(who).cloned();
        last.ok_or_else(|| StageError(format!("{who} has done nothing here yet")))
    }
}

fn shown(screen: &Screen) -> Shown {
    let message = |m: &Message| {
        let (buttons, options) = controls(m);
        (ShownKind::Message, lines(m).join("\n"), buttons, options, Vec::new())
    };
    let (kind, text, buttons, options, fields) = match &screen.shown {
        On::Message(m) => message(m),
        On::Form(form, errors) => {
            let mut text = form_lines(form);
            text.extend(errors.iter().map(|(field, says)| format!("{field}: {says}")));
            let fields = form.fields.iter().map(|f| f.key.clone()).collect();
            (ShownKind::Form, text.join("\n"), Vec::new(), Vec::new(), fields)
        }
    };
    let audience = screen.to.clone().map_or_else(|| Audience::Channel("console".into()), Audience::Only);
    Shown {
        id: screen.id,
        audience,
        kind,
        author: "bot".into(),
        text,
        buttons,
        options,
        fields,
        edits: screen.edits,
        gone: screen.gone,
    }
}

#[async_trait]
impl Stage for TerminalStage {
    fn name(&self) -> &'static str {
        "console"
    }

    async fn types(&self, who: &str, _channel: &str, text: &str) -> Result<(), StageError> {
        let line = text.strip_prefix("/seqn").or_else(|| text.strip_prefix('/')).unwrap_or(text).trim();
        let sent = self.console.types(self.door()?.as_ref(), who, line).await;
        self.remember(who, sent);
        Ok(())
    }

    async fn presses(&self, who: &str, label: &str) -> Result<(), StageError> {
        let sent = self.console.presses(self.door()?.as_ref(), who, label).await.map_err(|e| StageError(e.0))?;
        self.remember(who, sent);
        Ok(())
    }

    async fn presses_again(&self, who: &str) -> Result<(), StageError> {
        let mut envelope = self.last(who)?;
        if !matches!(envelope.what, Happening::Pressed { .. }) {
            return Err(StageError(format!("{who} has pressed nothing here yet")));
        }
        envelope.key = format!("{}+", envelope.key).parse().map_err(|_| StageError("too many replays".into()))?;
        self.console.again(self.door()?.as_ref(), envelope.clone()).await;
        self.remember(who, envelope);
        Ok(())
    }

    async fn chooses(&self, who: &str, option: &str) -> Result<(), StageError> {
        let sent = self.console.chooses(self.door()?.as_ref(), who, option).await.map_err(|e| StageError(e.0))?;
        self.remember(who, sent);
        Ok(())
    }

    async fn submits(&self, who: &str, values: &[(String, String)]) -> Result<(), StageError> {
        let sent = self.console.submits(self.door()?.as_ref(), who, values).await.map_err(|e| StageError(e.0))?;
        self.remember(who, sent);
        Ok(())
    }

    async fn completes(&self, _: &str, _: &str, _: &str) -> Result<Vec<String>, StageError> {
        Ok(Vec::new())
    }

    async fn redelivers(&self, who: &str) -> Result<(), StageError> {
        let envelope = self.last(who)?;
        self.console.again(self.door()?.as_ref(), envelope).await;
        Ok(())
    }

    fn sees(&self, who: &str) -> Vec<Shown> {
        self.console.screens(Some(who)).iter().map(shown).collect()
    }

    fn all(&self) -> Vec<Shown> {
        self.console.screens(None).iter().map(shown).collect()
    }
}
