//! Envelopes: one thing that came in from a platform, in neutral words, its texts still `Untrusted`;
//! and the first answer to it.

use crate::guard::{Redacted, Secret, Untrusted};

use super::form::Form;
use super::ids::DeliveryKey;
use super::message::Message;
use super::person::{Account, Platform};
use super::place::Place;
use super::said::{Noted, Said};
use super::time::Millis;

/// A command's arguments as the platform gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandInput {
    /// One line of text, without the slash command's own name: `revoke-session org=acme`.
    Line(Untrusted),
    /// A tree that the platform parsed: the words below the command, and named options.
    Tree {
        /// `["revoke-session"]`; for a family command other than `/seqn` its name comes first (`["case", "open"]`).
        path: Vec<Untrusted>,
        /// Name and value.
        options: Vec<(String, Untrusted)>,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A slash command, or a mention of the bot in a message.
    Command(CommandInput),
    /// A command's line is being typed: what fits the option `focus`?
    Typing {
        /// What is there already.
        input: CommandInput,
        /// The option's name.
        focus: String,
        /// What is typed of it.
        partial: Untrusted,
    },
    /// A control was used; `control` is `Press`'s text form, if it is one of ours.
    Pressed {
        /// The control's id.
        control: Untrusted,
        /// The picked value, for a menu.
        value: Option<Untrusted>,
    },
    /// A form was submitted; `token` is what the form carried.
    Submitted {
        /// The form's token.
        token: Untrusted,
        /// Field key and value.
        values: Vec<(String, Untrusted)>,
    },
    /// A message shortcut was used on somebody's message.
    Shortcut {
        /// The shortcut's callback id.
        name: String,
        /// The message's text.
        text: Untrusted,
    },
    /// A message is to be put on the timeline of the incident that is worked on there.
    Noted(Noted),
    /// Something was said or changed where the bot reads.
    Said(Said),
    /// A message was removed, by whomever.
    Gone {
        /// Its id on its platform.
        message: String,
    },
}

/// The right to answer one interaction privately; a secret, kept encrypted and deleted when it ends.
#[derive(Clone)]
pub struct Reply {
    /// What the platform needs, in its own form.
    pub handle: Secret,
    /// The last moment at which it can be used.
    pub expires: Millis,
    /// The last moment at which a form can be opened with it; `None` where a form cannot be opened at all.
    pub form_until: Option<Millis>,
    /// How often it may be used.
    pub uses: u8,
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reply").field("expires", &self.expires).finish_non_exhaustive()
    }
}

/// One thing that came in.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// What a redelivery repeats.
    pub key: DeliveryKey,
    /// Who did it.
    pub account: Account,
    /// A guest, a bot, or somebody of another team, where the platform says so in the envelope.
    pub outsider: bool,
    /// Where.
    pub place: Place,
    /// When it reached us.
    pub arrived: Millis,
    /// How to answer privately.
    pub reply: Option<Reply>,
    /// What happened.
    pub what: Happening,
}

impl Envelope {
    /// The platform it came from.
    #[must_use]
    pub const fn platform(&self) -> Platform {
        self.place.platform
    }
}

/// One proposal of autocomplete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What is read.
    pub label: String,
    /// What is filled in.
    pub value: String,
}

/// Whether a private answer stands alone or takes the place of the message whose control was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerMode {
    /// A new private message.
    Fresh,
    /// Replaces the private message that held the control.
    Replace,
}

/// The first answer to an envelope, given within the platform's 3 seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum Ack {
    /// Seen; nothing to say.
    Nothing,
    /// Seen; a private answer follows through the reply handle.
    Working(AnswerMode),
    /// A private message now.
    Say(AnswerMode, Box<Redacted<Message>>),
    /// A form now.
    Form(Box<Redacted<Form>>),
    /// The submitted form stays open with these errors (field key, sentence).
    FieldErrors(Vec<(String, String)>),
    /// Autocomplete's proposals, at most 25.
    Suggest(Vec<Suggestion>),
}
