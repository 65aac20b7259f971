//! From a neutral message to a Discord message: its line, its embed, its buttons and menus. Pure.
//!
//! It posts nothing. Invariants: no text becomes markup or a mention, and the body keeps every limit of Discord's;
//! what does not fit is cut, and the message says so.

use serde_json::{Value, json};
use serenity::builder::{
    CreateActionRow, CreateButton, CreateEmbed, CreateEmbedFooter, CreateSelectMenu, CreateSelectMenuKind,
    CreateSelectMenuOption,
};
use serenity::model::application::ButtonStyle;
use url::Url;

use crate::model::{Block, Choice, Control, Message, Millis, Press, Style, Tone};

/// Characters of the line above the embed. Discord allows 2,000; a title is one line.
const TITLE_MOST: usize = 500;
/// Characters of an embed's description.
const DESCRIPTION_MOST: usize = 4_096;
/// Fields of an embed.
const FIELDS_MOST: usize = 25;
/// Characters of a field's name.
const NAME_MOST: usize = 256;
/// Characters of a field's value.
const VALUE_MOST: usize = 1_024;
/// Characters of a whole embed. Discord allows 6,000; it counts some characters as two.
const EMBED_MOST: usize = 5_800;
/// Characters of the reference in the footer.
const REFERENCE_MOST: usize = 200;
/// Characters kept free for the rest of the footer.
const FOOTER_ROOM: usize = 100;
/// Rows of controls.
const ROWS_MOST: usize = 5;
/// Buttons of a row.
const BUTTONS_MOST: usize = 5;
/// Characters of a button's label.
const LABEL_MOST: usize = 80;
/// Options of a menu.
const OPTIONS_MOST: usize = 25;
/// Characters of an option's label, value and second line, and of a control's id.
const SHORT_MOST: usize = 100;
/// Characters of what is on a menu before anything is picked.
const PLACEHOLDER_MOST: usize = 150;
/// Fields up to that many characters stand side by side.
const INLINE_MOST: usize = 40;
/// A field needs a name; this one shows nothing.
const NO_NAME: &str = "\u{200b}";
/// What stands between the parts of the footer; the mark is the last part.
pub(super) const FOOTER_GAP: &str = " · ";
const CUT_NOTE: &str = "Shortened: not all of it fits here.";

/// A message's body. It always names every part, so that an edit also takes away what is no longer there.
/// `mark` is a short word at the very end by which we find the message again.
pub(super) fn body(message: &Message, mark: Option<&str>) -> Value {
    let (rows, controls_cut) = rows(&message.controls);
    let mut page = Page { left: EMBED_MOST - FOOTER_ROOM - REFERENCE_MOST, ..Page::default() };
    page.cut = controls_cut || message.title.chars().count() > TITLE_MOST;
    message.blocks.iter().for_each(|block| page.block(block));
    let title = cut(message.title.trim(), TITLE_MOST).replace(['\n', '\r'], " ");
    let line = if title.is_empty() { String::new() } else { format!("**{}**", escape(&title)) };
    let embed = page.embed(message, mark);
    json!({
        "content": line,
        "embeds": embed.map(|embed| vec![embed]).unwrap_or_default(),
        "components": rows,
        "allowed_mentions": {"parse": []},
    })
}

/// At most that many characters; a cut shows as "…".
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end_matches('\\').to_owned() + "…"
}

/// Text that Discord shows as it is: no markup, no mention, no masked link.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut line_start = true;
    for c in text.chars() {
        let always = matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '[' | ']' | '<');
        let at_start = line_start && matches!(c, '>' | '#' | '-' | '+');
        if always || at_start {
            out.push('\\');
        }
        out.push(c);
        line_start = c == '\n' || (line_start && c.is_whitespace());
    }
    out
}

/// The embed as it grows: a description, and fields once one was needed.
#[derive(Default)]
struct Page {
    description: String,
    fields: Vec<(String, String, bool)>,
    left: usize,
    cut: bool,
}

impl Page {
    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(text) => self.paragraph(&escape(text)),
            Block::Fields(fields) => fields.iter().for_each(|(name, value)| self.field(name, value)),
            Block::Items { heading, items } => self.list(heading, items),
            Block::Code(text) => self.code(text),
            Block::Link { label, url } => self.paragraph(&link(label, url)),
            Block::Moment { label, at } => self.moment(label, *at),
            Block::Note(text) => {
                let lines: Vec<String> = text.lines().map(|line| format!("-# {}", escape(line))).collect();
                self.paragraph(&lines.join("\n"));
            }
        }
    }

    // How many characters fit where text goes now.
    fn room(&self) -> usize {
        let here = if self.fields.is_empty() {
            DESCRIPTION_MOST.saturating_sub(self.description.chars().count() + 2)
        } else if self.fields.len() < FIELDS_MOST {
            VALUE_MOST
        } else {
            0
        };
        here.min(self.left.saturating_sub(2))
    }

    // A list that is longer than one field goes on in the next.
    fn list(&mut self, heading: &str, items: &[String]) {
        let (mut heading, mut rest) = (heading, items);
        while !self.fields.is_empty() && rest.len() > 1 {
            let fits = |n: &usize| listed(heading, &rest[..*n]).chars().count() <= self.room();
            let taken = (1..=rest.len()).rev().find(fits).unwrap_or(1);
            if taken == rest.len() {
                break;
            }
            self.paragraph(&listed(heading, &rest[..taken]));
            (heading, rest) = ("", &rest[taken..]);
        }
        self.paragraph(&listed(heading, rest));
    }

    fn paragraph(&mut self, markup: &str) {
        if markup.trim().is_empty() {
            return;
        }
        let room = self.room();
        if room < 2 {
            self.cut = true;
            return;
        }
        self.cut |= markup.chars().count() > room;
        self.put(&cut(markup, room));
    }

    // UTC for all, and beside it the time of whoever reads. Half a mark would be shown as it is.
    fn moment(&mut self, label: &str, at: Millis) {
        let label = cut(&escape(label), NAME_MOST);
        let markup = format!("{label}: {at} (<t:{}:f> your time)", at.seconds());
        if markup.chars().count() > self.room() {
            self.cut = true;
        } else {
            self.put(&markup);
        }
    }

    fn code(&mut self, text: &str) {
        // Three backticks would end the block early.
        let text = text.replace("```", "``\u{200b}`");
        let fence = "```\n\n```".len();
        let room = self.room();
        if room < fence + 2 {
            self.cut = true;
            return;
        }
        self.cut |= text.chars().count() > room - fence;
        self.put(&format!("```\n{}\n```", cut(&text, room - fence)));
    }

    fn put(&mut self, markup: &str) {
        self.left = self.left.saturating_sub(markup.chars().count() + 2);
        if !self.fields.is_empty() {
            self.fields.push((NO_NAME.to_owned(), markup.to_owned(), false));
        } else if self.description.is_empty() {
            markup.clone_into(&mut self.description);
        } else {
            self.description.push_str("\n\n");
            self.description.push_str(markup);
        }
    }

    fn field(&mut self, name: &str, value: &str) {
        let inline = value.chars().count() <= INLINE_MOST && !value.contains('\n');
        let (name, value) = (escape(name), escape(value));
        let name = if name.trim().is_empty() { NO_NAME.to_owned() } else { cut(&name, NAME_MOST) };
        let room = VALUE_MOST.min(self.left.saturating_sub(name.chars().count()));
        if self.fields.len() == FIELDS_MOST || room < 2 {
            self.cut = true;
            return;
        }
        self.cut |= value.chars().count() > room;
        let value = if value.trim().is_empty() { "–".to_owned() } else { cut(&value, room) };
        self.left = self.left.saturating_sub(name.chars().count() + value.chars().count());
        self.fields.push((name, value, inline));
    }

    fn embed(self, message: &Message, mark: Option<&str>) -> Option<Value> {
        let reference = cut(&message.reference, REFERENCE_MOST);
        let note = if self.cut { CUT_NOTE } else { "" };
        let parts = [note, reference.as_str(), mark.unwrap_or_default()];
        let footer: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if self.description.is_empty() && self.fields.is_empty() && footer.is_empty() {
            return None;
        }
        let mut embed = CreateEmbed::new().colour(colour(message.tone)).fields(self.fields);
        if !self.description.is_empty() {
            embed = embed.description(self.description);
        }
        if !footer.is_empty() {
            embed = embed.footer(CreateEmbedFooter::new(footer.join(FOOTER_GAP)));
        }
        serde_json::to_value(embed).ok()
    }
}

const fn colour(tone: Tone) -> u32 {
    match tone {
        Tone::Plain => 0x004f_6d8f,
        Tone::Good => 0x002e_8b57,
        Tone::Caution => 0x00d9_a300,
        Tone::Bad => 0x00c0_392b,
    }
}

fn listed(heading: &str, items: &[String]) -> String {
    let mut lines: Vec<String> = items.iter().map(|item| format!("• {}", escape(item))).collect();
    if !heading.is_empty() {
        lines.insert(0, format!("**{}**", escape(heading)));
    }
    lines.join("\n")
}

// Only https, and only what cannot end the link early.
fn link(label: &str, url: &str) -> String {
    let label = escape(if label.is_empty() { url } else { label });
    let sound = Url::parse(url).is_ok_and(|u| u.scheme() == "https" && u.host().is_some());
    let plain = url.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '(' | ')' | '`' | '\\'));
    if sound && plain { format!("[{label}](<{url}>)") } else { label }
}

// Buttons share rows, a menu has its own. The second value says whether something did not fit.
fn rows(controls: &[Control]) -> (Vec<Value>, bool) {
    let (mut rows, mut buttons, mut cut) = (Vec::new(), Vec::new(), false);
    let mut ids: Vec<String> = Vec::new();
    for control in controls {
        let (Control::Button { press, .. } | Control::Menu { press, .. }) = control;
        let id = press.to_string();
        if id.chars().count() > SHORT_MOST || ids.contains(&id) {
            cut = true;
            continue;
        }
        match control {
            Control::Button { label, style, press } => {
                if buttons.len() == BUTTONS_MOST {
                    rows.push(CreateActionRow::Buttons(std::mem::take(&mut buttons)));
                }
                buttons.push(button(label, *style, press));
            }
            Control::Menu { label, press, choices } => {
                if !buttons.is_empty() {
                    rows.push(CreateActionRow::Buttons(std::mem::take(&mut buttons)));
                }
                let options = options(choices);
                cut |= options.len() < choices.len();
                if !options.is_empty() {
                    rows.push(menu(label, press, options));
                }
            }
        }
        ids.push(id);
    }
    if !buttons.is_empty() {
        rows.push(CreateActionRow::Buttons(buttons));
    }
    cut |= rows.len() > ROWS_MOST;
    rows.truncate(ROWS_MOST);
    (rows.iter().filter_map(|row| serde_json::to_value(row).ok()).collect(), cut)
}

fn button(label: &str, style: Style, press: &Press) -> CreateButton {
    let style = match style {
        Style::Plain => ButtonStyle::Secondary,
        Style::Primary => ButtonStyle::Primary,
        Style::Danger => ButtonStyle::Danger,
    };
    let label = if label.trim().is_empty() { press.verb.word() } else { label };
    CreateButton::new(press.to_string()).style(style).label(cut(label, LABEL_MOST))
}

fn menu(label: &str, press: &Press, options: Vec<CreateSelectMenuOption>) -> CreateActionRow {
    let menu = CreateSelectMenu::new(press.to_string(), CreateSelectMenuKind::String { options });
    let label = if label.trim().is_empty() { "Choose" } else { label };
    CreateActionRow::SelectMenu(menu.placeholder(cut(label, PLACEHOLDER_MOST)))
}

// A value that does not fit is left out: cut, it would mean something else.
fn options(choices: &[Choice]) -> Vec<CreateSelectMenuOption> {
    let mut seen: Vec<&str> = Vec::new();
    let mut options = Vec::new();
    for choice in choices {
        let value = choice.value.as_str();
        let fits = !value.is_empty() && value.chars().count() <= SHORT_MOST && !seen.contains(&value);
        if !fits || options.len() == OPTIONS_MOST {
            continue;
        }
        seen.push(value);
        let label = if choice.label.trim().is_empty() { value } else { &choice.label };
        let option = CreateSelectMenuOption::new(cut(label, SHORT_MOST), value);
        let detail = cut(&choice.detail, SHORT_MOST);
        options.push(if detail.is_empty() { option } else { option.description(detail) });
    }
    options
}
