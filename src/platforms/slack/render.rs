//! Messages as Block Kit. Pure.
//!
//! No text of a message is ever Slack markup: it goes out as plain text with `& < >` named, or in `rich_text`,
//! which Slack takes literally. The one markup is a moment, which has no words of anybody's in it. Invariant: what is rendered is within Slack's limits; what does not fit is
//! announced, and controls and the reference always fit.

use serde_json::{Value, json};

use crate::model::{Block, Choice, Control, Message, Millis, Style, Tone};

use super::wire::escape;

/// Most blocks of a message (Block Kit).
const BLOCKS_MOST: usize = 50;
/// All blocks together, in characters of JSON. Slack documents no limit and refuses above about 13,200.
const TOTAL_MOST: usize = 12_000;
/// Longest header, in characters (Block Kit).
const HEADER_MOST: usize = 150;
/// Text of one section as we send it; Block Kit allows 3,000. Smaller pieces lose less where one does not fit.
const SECTION_MOST: usize = 1_500;
/// Longest button text and option text, in characters (Block Kit).
const LABEL_MOST: usize = 75;
/// Longest placeholder, in characters (Block Kit).
const PLACEHOLDER_MOST: usize = 150;
/// Longest option value, in characters (Block Kit).
const VALUE_MOST: usize = 150;
/// Longest field of a section, in characters (Block Kit).
const FIELD_MOST: usize = 2_000;
/// How Slack writes a moment in the time of whoever reads it.
const READERS_TIME: &str = "{date_short_pretty} at {time} your time";
/// Longest link, in characters (Block Kit).
const URL_MOST: usize = 3_000;
/// Most controls that we show: one row of 25 (Block Kit, `actions`).
const CONTROLS_MOST: usize = 25;
/// Most options of a menu: what the other platform allows as well.
const OPTIONS_MOST: usize = 25;
/// The text beside the blocks is for notifications and screen readers; Slack advises at most 4,000 characters.
const FALLBACK_MOST: usize = 1_500;
const CUT_NOTE: &str = "… The rest does not fit into one Slack message. Ask with the reference to see it.";

/// A message in Slack's form.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rendered {
    /// For notifications.
    pub(super) text: String,
    /// What is seen.
    pub(super) blocks: Vec<Value>,
}

/// Renders a message.
pub(super) fn message(message: &Message) -> Rendered {
    let title = toned(message);
    let tail = tail(message);
    let kept_free = tail.iter().map(cost).sum::<usize>() + cost(&note(CUT_NOTE));
    let room = TOTAL_MOST.saturating_sub(kept_free);
    let mut page = Page { blocks: Vec::new(), room, places: BLOCKS_MOST - tail.len() - 1, full: false };
    if !title.is_empty() {
        page.add(json!({"type": "header", "text": plain(&cut(&one_line(&title), HEADER_MOST))}));
        if escaped(&one_line(&title)).chars().count() > HEADER_MOST {
            page.paragraph(&title);
        }
    }
    for block in &message.blocks {
        page.block(block);
    }
    if page.full {
        page.blocks.push(note(CUT_NOTE));
    }
    page.blocks.extend(tail);
    Rendered { text: fallback(&title, message), blocks: page.blocks }
}

/// A plain text object; no emoji codes, entities named.
pub(super) fn plain(text: &str) -> Value {
    json!({"type": "plain_text", "emoji": false, "text": escaped(text)})
}

/// At most that many characters of text as Slack counts them, with an ellipsis where it was cut.
pub(super) fn cut(text: &str, most: usize) -> String {
    if escaped(text).chars().count() <= most {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += width(c);
        if used >= most {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// The text with Slack's three characters named and without what would turn or hide it.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().filter(|c| !tricky(*c)).for_each(|c| escape(c, &mut out));
    out
}

fn width(c: char) -> usize {
    match c {
        '&' => 5,
        '<' | '>' => 4,
        _ => 1,
    }
}

// Control characters, and those that reverse the direction of what follows: they could show another id than is meant.
fn tricky(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn literal(text: &str) -> String {
    text.chars().filter(|c| !tricky(*c)).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn toned(message: &Message) -> String {
    let sign = match message.tone {
        Tone::Plain => return message.title.clone(),
        Tone::Good => "✅",
        Tone::Caution => "⚠️",
        Tone::Bad => "⛔",
    };
    format!("{sign} {}", message.title).trim_end().to_owned()
}

fn fallback(title: &str, message: &Message) -> String {
    let texts = message.blocks.iter().filter_map(|block| match block {
        Block::Text(text) => Some(text.clone()),
        Block::Moment { label, at } => Some(format!("{label}: {at}")),
        _ => None,
    });
    let all: Vec<String> = std::iter::once(title.to_owned()).chain(texts).filter(|t| !t.is_empty()).collect();
    let text = escaped(&cut(&all.join("\n"), FALLBACK_MOST));
    if text.trim().is_empty() { "SEQN".to_owned() } else { text }
}

fn cost(block: &Value) -> usize {
    block.to_string().chars().count()
}

fn note(text: &str) -> Value {
    json!({"type": "context", "elements": [plain(text)]})
}

/// The blocks so far, and what still fits.
struct Page {
    blocks: Vec<Value>,
    room: usize,
    places: usize,
    full: bool,
}

impl Page {
    fn add(&mut self, block: Value) {
        let cost = cost(&block);
        if self.full || cost > self.room || self.places == 0 {
            self.full = true;
            return;
        }
        self.room -= cost;
        self.places -= 1;
        self.blocks.push(block);
    }

    fn paragraph(&mut self, text: &str) {
        for piece in pieces(text, SECTION_MOST) {
            self.add(json!({"type": "section", "text": plain(&piece)}));
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Text(text) => self.paragraph(text),
            Block::Fields(fields) => {
                let lines = fields.iter().map(|(name, value)| (format!("{name}: "), value.as_str()));
                self.lines("", lines.collect());
            }
            Block::Items { heading, items } => {
                self.lines(heading, items.iter().map(|item| ("• ".to_owned(), item.as_str())).collect());
            }
            Block::Code(text) => {
                for piece in pieces(text, SECTION_MOST) {
                    let text = json!([{"type": "text", "text": literal(&piece)}]);
                    self.rich(&json!({"type": "rich_text_preformatted", "elements": text}));
                }
            }
            Block::Link { label, url } => self.link(label, url),
            Block::Moment { label, at } => self.moment(label, *at),
            Block::Note(text) => {
                for piece in pieces(text, SECTION_MOST) {
                    self.add(note(&piece));
                }
            }
        }
    }

    // Lines under a bold heading, each led by a bold name or a bullet; as many blocks as they need.
    fn lines(&mut self, heading: &str, lines: Vec<(String, &str)>) {
        let mut elements = Vec::new();
        let mut size = 0;
        if !heading.is_empty() {
            elements.push(bold(&format!("{heading}\n")));
        }
        for (lead, text) in lines {
            for (index, piece) in pieces(&literal(text), SECTION_MOST).into_iter().enumerate() {
                if size + piece.chars().count() > SECTION_MOST {
                    self.section(&std::mem::take(&mut elements));
                    size = 0;
                }
                size += piece.chars().count();
                if index == 0 {
                    elements.push(bold(&lead));
                }
                elements.push(json!({"type": "text", "text": format!("{piece}\n")}));
            }
        }
        self.section(&elements);
    }

    fn section(&mut self, elements: &[Value]) {
        if !elements.is_empty() {
            self.rich(&json!({"type": "rich_text_section", "elements": elements}));
        }
    }

    fn rich(&mut self, inner: &Value) {
        self.add(json!({"type": "rich_text", "elements": [inner]}));
    }

    // UTC for all, and beside it the time of whoever reads.
    fn moment(&mut self, label: &str, at: Millis) {
        let theirs = format!("<!date^{}^{READERS_TIME}|{at}>", at.seconds());
        let utc = cut(&format!("{}: {at}", one_line(label)), FIELD_MOST);
        self.add(json!({"type": "section", "fields": [plain(&utc), {"type": "mrkdwn", "text": theirs}]}));
    }

    fn link(&mut self, label: &str, url: &str) {
        let label = literal(&one_line(label));
        let safe = url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "https" | "http"));
        if !safe || url.chars().count() > URL_MOST {
            self.paragraph(&format!("{label}: {url}"));
            return;
        }
        let text = if label.is_empty() { url.to_owned() } else { cut(&label, SECTION_MOST) };
        self.section(&[json!({"type": "link", "url": url, "text": text})]);
    }
}

fn bold(text: &str) -> Value {
    json!({"type": "text", "text": literal(text), "style": {"bold": true}})
}

/// The text in pieces whose escaped form has at most that many characters; cut at a line or a word where one is near.
fn pieces(text: &str, most: usize) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut used) = (String::new(), 0);
    for c in text.chars().filter(|c| !tricky(*c)) {
        if used + width(c) > most {
            let at = piece.rfind(['\n', ' ']).filter(|at| *at > piece.len() / 2).map_or(piece.len(), |at| at + 1);
            let rest = piece.split_off(at);
            pieces.push(std::mem::replace(&mut piece, rest));
            used = piece.chars().map(width).sum();
        }
        used += width(c);
        piece.push(c);
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    pieces
}

// Controls and reference: always there.
fn tail(message: &Message) -> Vec<Value> {
    let mut tail = Vec::new();
    let elements: Vec<Value> =
        message.controls.iter().take(CONTROLS_MOST).enumerate().filter_map(|(n, c)| control(n, c)).collect();
    if !elements.is_empty() {
        tail.push(json!({"type": "actions", "elements": elements}));
    }
    if !message.reference.is_empty() {
        tail.push(note(&format!("Ref {}", cut(&message.reference, HEADER_MOST))));
    }
    tail
}

fn control(index: usize, control: &Control) -> Option<Value> {
    match control {
        Control::Button { label, style, press } => {
            let label = if label.is_empty() { "…".to_owned() } else { cut(&one_line(label), LABEL_MOST) };
            let mut button = json!({
                "type": "button", "text": plain(&label), "value": press.to_string(),
                "action_id": format!("{index}|{press}"),
            });
            match style {
                Style::Plain => {}
                Style::Primary => button["style"] = json!("primary"),
                Style::Danger => button["style"] = json!("danger"),
            }
            Some(button)
        }
        Control::Menu { label, press, choices } => {
            let options: Vec<Value> = choices.iter().filter_map(option).take(OPTIONS_MOST).collect();
            if options.is_empty() {
                return None;
            }
            let label = if label.is_empty() { "Choose" } else { label };
            Some(json!({
                "type": "static_select", "action_id": format!("{index}|{press}"), "options": options,
                "placeholder": plain(&cut(&one_line(label), PLACEHOLDER_MOST)),
            }))
        }
    }
}

// A value cannot be cut: another would come back. One that is too long is not offered.
fn option(choice: &Choice) -> Option<Value> {
    if choice.value.is_empty() || choice.value.chars().count() > VALUE_MOST {
        return None;
    }
    let label = if choice.label.is_empty() { &choice.value } else { &choice.label };
    let mut option = json!({"text": plain(&cut(&one_line(label), LABEL_MOST)), "value": choice.value});
    if !choice.detail.is_empty() {
        option["description"] = plain(&cut(&one_line(&choice.detail), LABEL_MOST));
    }
    Some(option)
}
