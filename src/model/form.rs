//! Forms: what a platform's modal asks. Decided from an action's definition alone.

use serde::{Deserialize, Serialize};

/// How one field is filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text, at most that many characters.
    Line {
        /// Longest text in characters.
        max: u16,
    },
    /// Several lines, at most that many characters.
    Paragraph {
        /// Longest text in characters.
        max: u16,
    },
    /// One of these (value, label).
    Choice {
        /// The choices in order.
        choices: Vec<(String, String)>,
    },
}

/// One field of a form; `key` is the option's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The option's name.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// One line of help.
    pub help: String,
    /// Whether it must be filled.
    pub required: bool,
    /// What it is filled with at first.
    pub initial: Option<String>,
    /// How it is filled.
    pub kind: FieldKind,
}

/// A form. `token` is the request id that its submission carries back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// What the submission carries back: the request's id.
    pub token: String,
    /// At most 24 characters (Slack).
    pub title: String,
    /// At most 5 fields (Discord).
    pub fields: Vec<Field>,
}
