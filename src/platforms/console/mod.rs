//! The console platform: staff at a terminal of the bot's own machine.
//!
//! It has no wire: what a person types becomes an envelope, what the bot says becomes a screen. Each
//! screen is private to one person or public to all. Invariant: a control that is used comes from a
//! screen that its user can see.

mod text;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::guard::{Redacted, Secret, Untrusted};
use crate::model::{
    Account, Ack, Address, AnswerMode, CommandInput, Control, Envelope, Form, Happening, Message, Millis, Place,
    Platform, Posted, Reply,
};
use crate::ports::{Chat, Clock, Door, Fault, Liveness, PortError};

pub use text::{controls, form_lines, lines};

/// How long a private answer may replace its screen: as long as Discord's.
const REPLY_MS: i64 = 15 * crate::model::MINUTE_MS;
/// How often one reply handle may be used; there is no platform limit here.
const REPLY_USES: u8 = 50;
/// The channel name of what everybody at the terminal sees.
const CHANNEL: &str = "console";
/// The team of console accounts.
pub const TEAM: &str = "local";
/// The most screens that are kept; older ones are forgotten, as a terminal scrolls.
const SCREENS_MOST: usize = 1_000;

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A message.
    Message(Message),
    /// An open form, with the errors of its last submission.
    Form(Form, Vec<(String, String)>),
}

/// One thing on the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Grows with each new one.
    pub id: u64,
    /// The staff id that sees it; `None`: everybody.
    pub to: Option<String>,
    /// What it shows.
    pub shown: Shown,
    /// How often it was changed.
    pub edits: u32,
    /// True once it was closed.
    pub gone: bool,
    key: String,
}

#[derive(Default)]
struct State {
    screens: Vec<Screen>,
    last_id: u64,
    sent: u64,
}

/// The terminal.
pub struct Console {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

/// Why a person could not do that here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotHere(pub String);

impl Console {
    /// An empty terminal.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, state: Mutex::new(State::default()) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What that person sees, oldest first; with `None`, everything.
    #[must_use]
    pub fn screens(&self, who: Option<&str>) -> Vec<Screen> {
        let sees = |s: &&Screen| who.is_none() || s.to.is_none() || s.to.as_deref() == who;
        self.state().screens.iter().filter(sees).cloned().collect()
    }

    /// Types a line: a command without the leading `/seqn`.
    pub async fn types(&self, door: &dyn Door, who: &str, line: &str) -> Envelope {
        let what = Happening::Command(CommandInput::Line(Untrusted::from(line)));
        self.send(door, self.envelope(who, what, None), None).await
    }

    /// Presses the newest button with that label.
    ///
    /// # Errors
    /// `NotHere` when the person sees no such button.
    pub async fn presses(&self, door: &dyn Door, who: &str, label: &str) -> Result<Envelope, NotHere> {
        let found = self.find_control(who, |control| match control {
            Control::Button { label: l, press, .. } if l == label => Some((press.to_string(), None)),
            _ => None,
        });
        let (screen, control, value) = found.ok_or_else(|| NotHere(format!("{who} sees no button \"{label}\"")))?;
        Ok(self.use_control(door, who, screen, control, value).await)
    }

    /// Picks the newest menu entry whose label or value contains that text.
    ///
    /// # Errors
    /// `NotHere` when the person sees no such entry.
    pub async fn chooses(&self, door: &dyn Door, who: &str, option: &str) -> Result<Envelope, NotHere> {
        let found = self.find_control(who, |control| match control {
            Control::Menu { press, choices, .. } => {
                let choice = choices.iter().find(|c| c.label.contains(option) || c.value == option)?;
                Some((press.to_string(), Some(choice.value.clone())))
            }
            Control::Button { .. } => None,
        });
        let (screen, control, value) = found.ok_or_else(|| NotHere(format!("{who} sees no choice \"{option}\"")))?;
        Ok(self.use_control(door, who, screen, control, value).await)
    }

    /// Fills the newest open form and sends it.
    ///
    /// # Errors
    /// `NotHere` when no form is open, or it has no such field.
    pub async fn submits(&self, door: &dyn Door, who: &str, values: &[(String, String)]) -> Result<Envelope, NotHere> {
        let open = self.screens(Some(who)).into_iter().rev().find_map(|s| match s.shown {
            Shown::Form(form, _) if !s.gone => Some((s.id, form)),
            _ => None,
        });
        let (screen, form) = open.ok_or_else(|| NotHere(format!("{who} has no open form")))?;
        if let Some((name, _)) = values.iter().find(|(name, _)| !form.fields.iter().any(|f| f.key == *name)) {
            return Err(NotHere(format!("the form has no field {name}")));
        }
        let initial = form.fields.iter().filter_map(|f| Some((f.key.clone(), f.initial.clone()?)));
        let kept = initial.filter(|(key, _)| !values.iter().any(|(name, _)| name == key));
        let all = kept.chain(values.iter().cloned()).map(|(key, value)| (key, Untrusted::from(value))).collect();
        let what = Happening::Submitted { token: Untrusted::from(form.token), values: all };
        let envelope = self.envelope(who, what, None);
        Ok(self.send(door, envelope, Some(screen)).await)
    }

    /// Hands the same envelope in again, as a platform does that saw no answer.
    pub async fn again(&self, door: &dyn Door, envelope: Envelope) {
        self.send(door, envelope, None).await;
    }

    fn find_control(
        &self,
        who: &str,
        pick: impl Fn(&Control) -> Option<(String, Option<String>)>,
    ) -> Option<(u64, String, Option<String>)> {
        self.screens(Some(who)).iter().rev().filter(|s| !s.gone).find_map(|screen| match &screen.shown {
            Shown::Message(message) => {
                let (control, value) = message.controls.iter().find_map(&pick)?;
                Some((screen.id, control, value))
            }
            Shown::Form(..) => None,
        })
    }

    async fn use_control(
        &self,
        door: &dyn Door,
        who: &str,
        on: u64,
        control: String,
        value: Option<String>,
    ) -> Envelope {
        let what = Happening::Pressed { control: control.into(), value: value.map(Untrusted::from) };
        let private = self.state().screens.iter().any(|s| s.id == on && s.to.is_some());
        let envelope = self.envelope(who, what, private.then_some(on));
        self.send(door, envelope, Some(on)).await
    }

    fn envelope(&self, who: &str, what: Happening, on: Option<u64>) -> Envelope {
        let now = self.clock.now();
        let mut state = self.state();
        state.sent += 1;
        let handle = Secret::new(format!("console {who} {}", on.unwrap_or(0)));
        let key = format!("console:{}:{}", now.0, state.sent).parse().expect("digits and colons make a delivery key");
        Envelope {
            key,
            account: Account { platform: Platform::Console, team: TEAM.into(), user: who.to_owned() },
            outsider: false,
            place: Place {
                platform: Platform::Console,
                team: TEAM.into(),
                channel: CHANNEL.into(),
                thread: None,
                direct: false,
            },
            arrived: now,
            reply: Some(Reply { handle, expires: now.plus_ms(REPLY_MS), form_until: None, uses: REPLY_USES }),
            what,
        }
    }

    async fn send(&self, door: &dyn Door, envelope: Envelope, on: Option<u64>) -> Envelope {
        let who = envelope.account.user.clone();
        let submitted = matches!(envelope.what, Happening::Submitted { .. });
        let ack = door.receive(envelope.clone()).await;
        match ack {
            Ack::FieldErrors(errors) => self.change(on, |shown| {
                if let Shown::Form(_, shown) = shown {
                    *shown = errors;
                }
            }),
            other => {
                if submitted {
                    self.close(on);
                }
                match other {
                    Ack::Say(AnswerMode::Replace, message) if on.is_some() => self.replace(on, message.into_inner()),
                    Ack::Say(_, message) => self.show(Some(who), Shown::Message(message.into_inner()), ""),
                    Ack::Form(form) => self.show(Some(who), Shown::Form(form.into_inner(), Vec::new()), ""),
                    Ack::Nothing | Ack::Working(_) | Ack::Suggest(_) | Ack::FieldErrors(_) => {}
                }
            }
        }
        envelope
    }

    fn show(&self, to: Option<String>, shown: Shown, key: &str) {
        let mut state = self.state();
        state.last_id += 1;
        let id = state.last_id;
        state.screens.push(Screen { id, to, shown, edits: 0, gone: false, key: key.to_owned() });
        if state.screens.len() > SCREENS_MOST {
            state.screens.remove(0);
        }
    }

    fn change(&self, id: Option<u64>, how: impl FnOnce(&mut Shown)) {
        if let Some(screen) = self.state().screens.iter_mut().find(|s| Some(s.id) == id) {
            how(&mut screen.shown);
            screen.edits += 1;
        }
    }

    fn replace(&self, id: Option<u64>, message: Message) {
        self.change(id, |shown| *shown = Shown::Message(message));
    }

    fn close(&self, id: Option<u64>) {
        if let Some(screen) = self.state().screens.iter_mut().find(|s| Some(s.id) == id) {
            screen.gone = true;
        }
    }

    fn posted(&self, id: u64) -> Posted {
        Posted { platform: Platform::Console, channel: CHANNEL.into(), message: id.to_string() }
    }

    /// The moment of the terminal's clock, for its prompt.
    #[must_use]
    pub fn now(&self) -> Millis {
        self.clock.now()
    }
}

#[async_trait]
impl Chat for Console {
    fn platform(&self) -> Platform {
        Platform::Console
    }

    fn liveness(&self) -> Liveness {
        Liveness::Live
    }

    async fn post(&self, to: &Address, message: &Redacted<Message>, key: &str) -> Result<Posted, PortError> {
        let to = match to {
            Address::Direct { account } => Some(account.user.clone()),
            Address::Channel { .. } => None,
        };
        self.show(to, Shown::Message((**message).clone()), key);
        Ok(self.posted(self.state().last_id))
    }

    async fn find(&self, _: &Address, key: &str) -> Result<Option<Posted>, PortError> {
        let id = self.state().screens.iter().find(|s| s.key == key).map(|s| s.id);
        Ok(id.map(|id| self.posted(id)))
    }

    async fn edit(&self, at: &Posted, message: &Redacted<Message>) -> Result<(), PortError> {
        let id = at.message.parse::<u64>().ok();
        if !self.state().screens.iter().any(|s| Some(s.id) == id && !s.gone) {
            return Err(PortError::new("console", Fault::NotFound));
        }
        self.replace(id, (**message).clone());
        Ok(())
    }

    async fn answer(&self, handle: &Secret, mode: AnswerMode, message: &Redacted<Message>) -> Result<(), PortError> {
        let mut words = handle.expose().split(' ').skip(1);
        let (Some(who), Some(on)) = (words.next(), words.next()) else {
            return Err(PortError::new("console", Fault::NotFound));
        };
        match (mode, on.parse::<u64>()) {
            (AnswerMode::Replace, Ok(id)) if id > 0 => self.replace(Some(id), (**message).clone()),
            _ => self.show(Some(who.to_owned()), Shown::Message((**message).clone()), ""),
        }
        Ok(())
    }

    async fn open_form(&self, handle: &Secret, form: &Redacted<Form>) -> Result<(), PortError> {
        let who = handle.expose().split(' ').nth(1).map(str::to_owned);
        self.show(who, Shown::Form((**form).clone(), Vec::new()), "");
        Ok(())
    }
}
