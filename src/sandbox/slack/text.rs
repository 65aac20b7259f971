//! How Slack writes text on the wire, and how a person reads it.
//!
//! It knows the cast's names, not the state. Invariant: `readable` of what `pieces` made of a plain
//! text shows that text again.

use serde_json::{Value, json};

use crate::sandbox::cast::{self, SLACK_BOT_USER};

/// The name by which people mention the bot.
pub(super) const BOT_NAME: &str = "seqn";

/// One stretch of a typed text, as Slack's own composer sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Words.
    Plain(String),
    /// A mention of a user, by id.
    User(String),
    /// A mention of a channel: id and name.
    Room(String, String),
    /// `@here`, `@channel`, `@everyone`.
    Broadcast(String),
    /// A web address.
    Link(String),
    /// An e-mail address.
    Mail(String),
}

/// Escapes the three characters that Slack escapes.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Undoes `escape`.
pub(super) fn unescape(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// Cuts a typed text into what the composer turns into mentions and links, and the words between.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    let mut before: Option<char> = None;
    while let Some(first) = rest.chars().next() {
        let boundary = before.is_none_or(|c| !c.is_alphanumeric());
        if boundary && let Some((piece, used)) = special(rest) {
            if !plain.is_empty() {
                found.push(Piece::Plain(std::mem::take(&mut plain)));
            }
            before = rest[..used].chars().last();
            rest = &rest[used..];
            found.push(piece);
        } else {
            plain.push(first);
            before = Some(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    if !plain.is_empty() {
        found.push(Piece::Plain(plain));
    }
    found
}

fn special(rest: &str) -> Option<(Piece, usize)> {
    if rest.starts_with("https://") || rest.starts_with("http://") {
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"`|".contains(c)).unwrap_or(rest.len());
        let url = rest[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
        return (url.len() > "https://".len()).then(|| (Piece::Link(url.to_owned()), url.len()));
    }
    if let Some(name) = rest.strip_prefix('@').map(leading_name).filter(|n| !n.is_empty()) {
        let used = 1 + name.len();
        if name == BOT_NAME {
            return Some((Piece::User(SLACK_BOT_USER.to_owned()), used));
        }
        if matches!(name, "here" | "channel" | "everyone") {
            return Some((Piece::Broadcast(name.to_owned()), used));
        }
        return cast::by_name(name).map(|p| (Piece::User(p.slack_user.to_owned()), used));
    }
    if let Some(name) = rest.strip_prefix('#').map(leading_name).filter(|n| !n.is_empty()) {
        return cast::channel(name).map(|c| (Piece::Room(c.slack.to_owned(), c.name.to_owned()), 1 + name.len()));
    }
    mail_at_start(rest).map(|mail| (Piece::Mail(mail.to_owned()), mail.len()))
}

fn leading_name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(text.len());
    &text[..end]
}

fn mail_at_start(rest: &str) -> Option<&str> {
    let at = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._%+-".contains(c)))?;
    if at == 0 || !rest[at..].starts_with('@') {
        return None;
    }
    let domain = &rest[at + 1..];
    let end = domain.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).unwrap_or(domain.len());
    let domain = domain[..end].trim_end_matches(['.', '-']);
    domain.contains('.').then(|| &rest[..at + 1 + domain.len()])
}

/// The text of a message event: mentions as ids, links and e-mail addresses in angle brackets.
pub(super) fn mrkdwn(pieces: &[Piece]) -> String {
    let written = pieces.iter().map(|piece| match piece {
        Piece::Plain(words) => escape(words),
        Piece::User(id) => format!("<@{id}>"),
        Piece::Room(id, name) => format!("<#{id}|{name}>"),
        Piece::Broadcast(name) => format!("<!{name}>"),
        Piece::Link(url) => format!("<{}>", escape(url)),
        Piece::Mail(mail) => format!("<mailto:{mail}|{mail}>"),
    });
    written.collect::<Vec<_>>().concat()
}

/// The text of a slash command with `should_escape`: mentions as ids with names, nothing linked.
pub(super) fn command_text(text: &str) -> String {
    let written = pieces(text).into_iter().map(|piece| match piece {
        Piece::User(id) => {
            let name = cast::PEOPLE.iter().find(|p| p.slack_user == id).map_or(BOT_NAME, |p| p.name);
            format!("<@{id}|{name}>")
        }
        Piece::Room(id, name) => format!("<#{id}|{name}>"),
        Piece::Broadcast(name) => format!("<!{name}>"),
        Piece::Plain(words) | Piece::Link(words) | Piece::Mail(words) => escape(&words),
    });
    written.collect::<Vec<_>>().concat()
}

/// The `rich_text` block that Slack adds to what a person typed: the text once more, in pieces, not escaped.
pub(super) fn rich_text(pieces: &[Piece], block_id: &str) -> Value {
    let elements: Vec<Value> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Plain(words) => json!({"type": "text", "text": words}),
            Piece::User(id) => json!({"type": "user", "user_id": id}),
            Piece::Room(id, _) => json!({"type": "channel", "channel_id": id}),
            Piece::Broadcast(range) => json!({"type": "broadcast", "range": range}),
            Piece::Link(url) => json!({"type": "link", "url": url}),
            Piece::Mail(mail) => json!({"type": "link", "url": format!("mailto:{mail}"), "text": mail}),
        })
        .collect();
    let section = json!({"type": "rich_text_section", "elements": elements});
    json!([{"type": "rich_text", "block_id": block_id, "elements": [section]}])
}

/// What a person reads of a mrkdwn text: no marks, links as their labels, mentions as names.
pub(super) fn readable(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open + 1..];
        let Some(close) = rest.find('>') else {
            out.push('<');
            break;
        };
        out.push_str(&bracketed(&rest[..close]));
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    unescape(&without_marks(&out))
}

fn bracketed(inside: &str) -> String {
    let (target, label) = inside.split_once('|').map_or((inside, None), |(t, l)| (t, Some(l)));
    if let Some(id) = target.strip_prefix('@') {
        let known = cast::PEOPLE.iter().find(|p| p.slack_user == id).map(|p| p.name);
        let name = if id == SLACK_BOT_USER { Some(BOT_NAME) } else { known };
        return format!("@{}", name.or(label).unwrap_or(id));
    }
    if let Some(id) = target.strip_prefix('#') {
        let known = cast::CHANNELS.iter().find(|c| c.slack == id).map(|c| c.name);
        return format!("#{}", known.or(label).unwrap_or(id));
    }
    if let Some(moment) = target.strip_prefix("!date^") {
        return read_by_clock(moment).or(label.map(str::to_owned)).unwrap_or_default();
    }
    if let Some(special) = target.strip_prefix('!') {
        return label.map_or_else(|| format!("@{special}"), str::to_owned);
    }
    label.unwrap_or(target).to_owned()
}

/// A moment as somebody reads it whose clock is set to UTC.
fn read_by_clock(moment: &str) -> Option<String> {
    let (seconds, format) = moment.split_once('^')?;
    let at = time::OffsetDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()?;
    let format = format.split('^').next().unwrap_or_default();
    let month = at.month().to_string();
    let short = month.get(..3)?;
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    let date = format!("{short} {}, {}", at.day(), at.year());
    let number = format!("{}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    let tokens = [("{date_short_pretty}", &date), ("{date_short}", &date), ("{date_num}", &number), ("{time}", &time)];
    let shown = tokens.iter().fold(format.to_owned(), |text, (token, value)| text.replace(token, value));
    // What Slack does not know it does not show.
    (!shown.contains('{')).then_some(shown)
}

fn without_marks(text: &str) -> String {
    let mut out = String::new();
    for (index, span) in text.split('`').enumerate() {
        // Every second span lies between backticks, where `*` and `_` are themselves.
        if index % 2 == 1 { out.push_str(span) } else { out.push_str(&without_pairs(span)) }
    }
    out
}

fn without_pairs(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut gone = vec![false; chars.len()];
    for open in 0..chars.len() {
        let mark = chars[open];
        if gone[open] || !matches!(mark, '*' | '_' | '~') || !opens(&chars, open) {
            continue;
        }
        let line_end = chars[open..].iter().position(|c| *c == '\n').map_or(chars.len(), |n| open + n);
        if let Some(close) = (open + 2..line_end).find(|at| chars[*at] == mark && closes(&chars, *at)) {
            gone[open] = true;
            gone[close] = true;
        }
    }
    chars.iter().zip(&gone).filter(|(_, gone)| !**gone).map(|(c, _)| *c).collect()
}

fn opens(chars: &[char], at: usize) -> bool {
    let free = at == 0 || !chars[at - 1].is_alphanumeric();
    free && chars.get(at + 1).is_some_and(|c| !c.is_whitespace() && *c != chars[at])
}

fn closes(chars: &[char], at: usize) -> bool {
    let free = chars.get(at + 1).is_none_or(|c| !c.is_alphanumeric());
    free && !chars[at - 1].is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_by_a_clock_that_is_set_to_utc() {
        let of = |format: &str| readable(&format!("<!date^1793612100^{format}|2026-11-02 09:35 UTC>"));
        assert_eq!(of("{date_short_pretty} at {time} your time"), "Nov 2, 2026 at 09:35 your time");
        assert_eq!(of("{date_num}"), "2026-11-02");
        assert_eq!(of("{moon}"), "2026-11-02 09:35 UTC", "what Slack does not know: the fallback");
        assert_eq!(readable("<!date^soon^{time}|later>"), "later");
    }

    #[test]
    fn a_message_is_written_as_slack_writes_it() {
        let cases = [
            ("a < b & c", "a &lt; b &amp; c"),
            ("@kim see https://x.example/a?b=1&c=2.", "<@U0KIM> see <https://x.example/a?b=1&amp;c=2>."),
            ("user=jo@acme.example now", "user=<mailto:jo@acme.example|jo@acme.example> now"),
            ("in #support, @nobody", "in <#C0SUPPORT|support>, @nobody"),
            ("@seqn help", "<@U0SEQNBOT> help"),
        ];
        for (typed, wire) in cases {
            assert_eq!(mrkdwn(&pieces(typed)), wire);
            assert_eq!(readable(wire), typed, "read back");
        }
    }

    #[test]
    fn a_command_turns_only_mentions_into_ids() {
        let text = command_text("can @joe see jo@acme.example & https://x.example #support");
        assert_eq!(text, "can <@U0JOE|joe> see jo@acme.example &amp; https://x.example <#C0SUPPORT|support>");
    }

    #[test]
    fn marks_go_and_names_stay() {
        assert_eq!(
            readable("*Plan* for `revoke_session` and sk_live_1 _soon_"),
            "Plan for revoke_session and sk_live_1 soon"
        );
        assert_eq!(readable("<!date^1^{date}|2 Nov> <https://a.example|the page>"), "2 Nov the page");
    }
}
