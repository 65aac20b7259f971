//! Messages without a platform: plain text in blocks, and controls. Renderers escape everything.

use serde::{Deserialize, Serialize};

use super::press::Press;
use super::time::Millis;

/// How a message feels: a colour on Discord, an emoji on Slack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// It went well.
    Good,
    /// Somebody should look.
    Caution,
    /// It went wrong, or it was refused.
    Bad,
}

/// One part of a message. All text is plain: no markup of any platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Name and value pairs.
    Fields(Vec<(String, String)>),
    /// A list under an optional heading.
    Items {
        /// The heading; empty for none.
        heading: String,
        /// The lines.
        items: Vec<String>,
    },
    /// Text to copy, in a fixed-width font.
    Code(String),
    /// A link out, https only.
    Link {
        /// What it is called.
        label: String,
        /// Where it goes.
        url: String,
    },
    /// A moment, in UTC and in the reader's own time where the platform knows it.
    Moment {
        /// What it is of.
        label: String,
        /// When.
        at: Millis,
    },
    /// Small print.
    Note(String),
}

/// How a button looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Neutral.
    #[default]
    Plain,
    /// The expected next step.
    Primary,
    /// It changes something that cannot be undone.
    Danger,
}

/// One entry of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What comes back.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A second line; empty for none.
    pub detail: String,
}

/// Something that can be pressed or picked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// A button.
    Button {
        /// What is on it.
        label: String,
        /// How it looks.
        style: Style,
        /// What it means.
        press: Press,
    },
    /// A menu, one entry of which is picked.
    Menu {
        /// What is on it before anything is picked.
        label: String,
        /// What picking means; the picked value comes beside it.
        press: Press,
        /// The entries, at most 25 (Discord).
        choices: Vec<Choice>,
    },
}

/// A message for people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// How it feels.
    pub tone: Tone,
    /// One line.
    pub title: String,
    /// The body.
    pub blocks: Vec<Block>,
    /// What can be done.
    pub controls: Vec<Control>,
    /// The audit reference; always shown at the end.
    pub reference: String,
}

impl Message {
    /// A message with a title and nothing else yet.
    #[must_use]
    pub fn titled(tone: Tone, title: impl Into<String>) -> Self {
        Self { tone, title: title.into(), ..Self::default() }
    }

    /// This message with one more block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// This message with one more paragraph.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.with(Block::Text(text.into()))
    }

    /// This message with one more control.
    #[must_use]
    pub fn control(mut self, control: Control) -> Self {
        self.controls.push(control);
        self
    }

    /// This message under that reference.
    #[must_use]
    pub fn reference(mut self, reference: impl Into<String>) -> Self {
        self.reference = reference.into();
        self
    }
}
