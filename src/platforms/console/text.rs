//! A message as lines of plain text, for a terminal.

use crate::model::{Block, Control, Form, Message, Tone};

/// The message's lines: title, blocks, reference. Controls come in brackets at the end.
#[must_use]
pub fn lines(message: &Message) -> Vec<String> {
    let mark = match message.tone {
        Tone::Plain => "",
        Tone::Good => "[ok] ",
        Tone::Caution => "[!] ",
        Tone::Bad => "[x] ",
    };
    let mut out = vec![format!("{mark}{}", message.title)];
    for block in &message.blocks {
        match block {
            Block::Text(text) | Block::Code(text) | Block::Note(text) => out.extend(text.lines().map(str::to_owned)),
            Block::Fields(fields) => out.extend(fields.iter().map(|(name, value)| format!("{name}: {value}"))),
            Block::Items { heading, items } => {
                if !heading.is_empty() {
                    out.push(heading.clone());
                }
                out.extend(items.iter().map(|item| format!("- {item}")));
            }
            Block::Link { label, url } => out.push(format!("{label}: {url}")),
            Block::Moment { label, at } => out.push(format!("{label}: {at}")),
        }
    }
    if !message.reference.is_empty() {
        out.push(format!("Reference {}", message.reference));
    }
    out
}

/// A form's lines: its title and a line for each field.
#[must_use]
pub fn form_lines(form: &Form) -> Vec<String> {
    let field = |f: &crate::model::Field| {
        let need = if f.required { "" } else { " (optional)" };
        format!("{}{need}: {}", f.key, f.help)
    };
    std::iter::once(form.title.clone()).chain(form.fields.iter().map(field)).collect()
}

/// The labels of a message's buttons and of its menu entries.
#[must_use]
pub fn controls(message: &Message) -> (Vec<String>, Vec<String>) {
    let mut buttons = Vec::new();
    let mut options = Vec::new();
    for control in &message.controls {
        match control {
            Control::Button { label, .. } => buttons.push(label.clone()),
            Control::Menu { choices, .. } => options.extend(choices.iter().map(|c| c.label.clone())),
        }
    }
    (buttons, options)
}
