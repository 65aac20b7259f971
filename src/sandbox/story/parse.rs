//! From a line of a story to an act. The grammar is in `README.md` under "Stories".

use crate::sandbox::fault::FaultKind;

/// One act of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// `kim [on slack] [in support] types /seqn …`
    Types(Who, String),
    /// `kim presses Confirm`
    Presses(Who, String),
    /// `kim presses again`
    PressesAgain(Who),
    /// `kim chooses ses_jo_laptop`
    Chooses(Who, String),
    /// `kim submits org=acme reason="lost laptop"`
    Submits(Who, Vec<(String, String)>),
    /// `kim completes /seqn revoke-session org=a => acme`: the proposal must be among them; `=> nothing` for none.
    Completes(Who, String, String),
    /// `kim edits PART => TEXT`: the newest message that contains PART reads TEXT now.
    Edits(Who, String, String),
    /// `kim deletes PART`: the newest message that contains PART.
    Deletes(Who, String),
    /// `kim reacts EMOJI => PART`: to the newest message that contains PART, by the emoji's English name.
    Reacts(Who, String, String),
    /// `kim notes PART`: the shortcut for incidents' timelines on the newest message that contains PART.
    Notes(Who, String),
    /// `kim shares NAME => CONTENT`: a file.
    Shares(Who, String, String),
    /// `kim topic TEXT`: the channel's topic.
    SetsTopic(Who, String),
    /// `app [on slack] [in support] says TEXT`: an app posts.
    AppSays(Who, String),
    /// `eve signs in as nora [=> 410]`: with the newest link on her screen; the status of the page where it ends.
    SignsIn(Who, String, u16),
    /// `redeliver kim [on slack]`
    Redeliver(Who),
    /// `advance 16m`
    Advance(i64),
    /// `fault seqn "DELETE /v1" status 500 [x2]`
    Fault(String, String, FaultKind, u32),
    /// `world add-session acme jo@acme.example`, `world seqn-missing listSessions` …
    World(Vec<String>),
    /// `alertmanager fires SignInSlow severity=critical summary="…"`, `alertmanager resolves SignInSlow`, `alertmanager
    /// repeats`; `alertmanager stranger` sends with another token and has to be refused.
    Alertmanager(Vec<String>),
    /// `platform slack disconnect warning`, `platform discord close 4000` …
    Platform(Vec<String>),
    /// `crash`: the bot dies and is started again.
    Crash,
    /// `away`: the bot stops, and stays away.
    Away,
    /// `back`: the bot is started again.
    Back,
    /// `crash after 5`: the bot dies around its fifth commit check from here on, whenever that comes.
    CrashAfter(u64),
    /// `second process`: another bot on the same database is refused.
    SecondProcess,
    /// `expect …`
    Expect(Vec<String>),
}

/// Who, where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Cast name.
    pub name: String,
    /// Stage; `None`: where this person was last.
    pub stage: Option<String>,
    /// Channel.
    pub channel: Option<String>,
}

/// A line with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    /// The text.
    pub text: String,
    /// The act.
    pub act: Act,
    /// Whether what is due is left undone after it.
    pub quietly: bool,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {0}: {1}")]
pub struct BadLine(pub usize, pub String);

/// Reads a story. Empty lines and lines that start with `#` are passed over.
///
/// # Errors
/// The first line that cannot be read.
pub fn parse(story: &str) -> Result<Vec<Line>, BadLine> {
    let mut lines = Vec::new();
    for (at, text) in story.lines().enumerate() {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (quietly, rest) = match text.strip_prefix("quietly ") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let act = act(rest).map_err(|why| BadLine(at + 1, why))?;
        lines.push(Line { number: at + 1, text: text.to_owned(), act, quietly });
    }
    Ok(lines)
}

/// The plays of a story: one for each platform of its first line `# platforms: slack discord console`, with `$P`
/// replaced by that platform; without such a line one play, as it stands, without a name.
#[must_use]
pub fn plays(story: &str) -> Vec<(String, String)> {
    match story.lines().next().and_then(|line| line.strip_prefix("# platforms:")) {
        None => vec![(String::new(), story.to_owned())],
        Some(names) => names.split_whitespace().map(|name| (name.to_owned(), story.replace("$P", name))).collect(),
    }
}

/// Splits at spaces; double quotes keep a word together.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                any = true;
            }
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
                any = false;
            }
            other => word.push(other),
        }
    }
    if any || !word.is_empty() {
        out.push(word);
    }
    out
}

fn act(text: &str) -> Result<Act, String> {
    let first = text.split(' ').next().unwrap_or_default();
    let all = words(text);
    match first {
        "advance" => {
            all.get(1).and_then(|t| span(t)).map(Act::Advance).ok_or_else(|| "advance takes 30s, 16m or 2h".into())
        }
        "fault" => fault(&all),
        "world" => Ok(Act::World(all[1..].to_vec())),
        "alertmanager" => Ok(Act::Alertmanager(all[1..].to_vec())),
        "platform" => Ok(Act::Platform(all[1..].to_vec())),
        "crash" => match all.get(2).map(|n| n.parse::<u64>()) {
            None => Ok(Act::Crash),
            Some(Ok(n)) => Ok(Act::CrashAfter(n)),
            Some(Err(_)) => Err("crash after takes a number".into()),
        },
        "away" => Ok(Act::Away),
        "back" => Ok(Act::Back),
        "second" => Ok(Act::SecondProcess),
        "expect" => Ok(Act::Expect(all[1..].to_vec())),
        "redeliver" => {
            let name = all.get(1).ok_or("redeliver whose?")?.clone();
            Ok(Act::Redeliver(Who { name, stage: all.get(3).cloned(), channel: None }))
        }
        _ => person(text),
    }
}

fn person(text: &str) -> Result<Act, String> {
    let mut rest = text;
    let mut word = || -> Option<&str> {
        let (head, tail) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = tail;
        (!head.is_empty()).then_some(head)
    };
    let name = word().ok_or("an empty line")?.to_owned();
    let mut who = Who { name, stage: None, channel: None };
    let verb = loop {
        match word() {
            Some("on") => who.stage = word().map(str::to_owned),
            Some("in") => who.channel = word().map(str::to_owned),
            Some(verb) => break verb,
            None => return Err(format!("what does {} do?", who.name)),
        }
    };
    match (verb, rest) {
        ("types", text) => Ok(Act::Types(who, text.to_owned())),
        ("presses", "again") => Ok(Act::PressesAgain(who)),
        ("presses", label) => Ok(Act::Presses(who, label.to_owned())),
        ("chooses", option) => Ok(Act::Chooses(who, option.to_owned())),
        ("submits", values) => {
            let pair = |w: String| w.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned()));
            let pairs: Option<Vec<_>> = words(values).into_iter().map(pair).collect();
            pairs.map(|p| Act::Submits(who, p)).ok_or_else(|| "submits takes key=value".into())
        }
        ("edits" | "shares" | "reacts", rest) => {
            let (one, two) = rest.split_once(" => ").ok_or_else(|| format!("{verb} needs ` => `"))?;
            let (one, two) = (one.to_owned(), two.to_owned());
            Ok(match verb {
                "edits" => Act::Edits(who, one, two),
                "shares" => Act::Shares(who, one, two),
                _ => Act::Reacts(who, one, two),
            })
        }
        ("signs", rest) => {
            let rest = rest.strip_prefix("in as ").ok_or("signs in as whom?")?;
            let (name, status) = rest.split_once(" => ").unwrap_or((rest, "200"));
            let status = status.parse().map_err(|_| "a page has a status".to_owned())?;
            Ok(Act::SignsIn(who, name.to_owned(), status))
        }
        ("notes", part) => Ok(Act::Notes(who, part.to_owned())),
        ("deletes", part) => Ok(Act::Deletes(who, part.to_owned())),
        ("topic", text) => Ok(Act::SetsTopic(who, text.to_owned())),
        ("says", text) if who.name == "app" => Ok(Act::AppSays(who, text.to_owned())),
        ("completes", rest) => {
            let (text, want) = rest.rsplit_once(" => ").ok_or("completes needs `=> proposal`")?;
            Ok(Act::Completes(who, text.to_owned(), want.to_owned()))
        }
        (other, _) => Err(format!("nobody knows how to `{other}`")),
    }
}

fn span(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok()?;
    let ms = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(ms)
}

fn fault(all: &[String]) -> Result<Act, String> {
    let word = |at: usize| all.get(at).map(String::as_str).unwrap_or_default();
    let (service, route, kind) = (word(1).to_owned(), word(2).to_owned(), word(3));
    let number = || word(4).parse::<u32>().map_err(|_| format!("{kind} takes a number"));
    let (kind, used) = match kind {
        "status" => (FaultKind::Status(u16::try_from(number()?).map_err(|e| e.to_string())?), 5),
        "retry-after" => (FaultKind::RetryAfter(number()?), 5),
        "body" => (FaultKind::Body(u16::try_from(number()?).map_err(|e| e.to_string())?, word(5).to_owned()), 6),
        "says" => (FaultKind::Body(200, format!("{{\"ok\":false,\"error\":\"{}\"}}", word(4))), 5),
        "hang" => (FaultKind::Hang, 4),
        "drop-after" => (FaultKind::DropAfter, 4),
        "garbage" => (FaultKind::Garbage, 4),
        other => return Err(format!("no fault is called `{other}`")),
    };
    let times = match word(used).strip_prefix('x') {
        Some(n) => n.parse().map_err(|_| "xN takes a number".to_owned())?,
        None => 1,
    };
    Ok(Act::Fault(service, route, kind, times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind_of_line() {
        let story = "# a comment\n\nkim on discord in support types /seqn help \"x y\"\nquietly kim presses Ask for approval\n\
                     lee presses again\nfault seqn \"DELETE /v1\" status 500 x2\nadvance 16m\nexpect kim sees \"a b\"\ncrash after 3";
        let lines = parse(story).expect("a story");
        assert_eq!(lines.len(), 7);
        assert!(lines[1].quietly);
        assert_eq!(lines[3].act, Act::Fault("seqn".into(), "DELETE /v1".into(), FaultKind::Status(500), 2));
        assert_eq!(lines[4].act, Act::Advance(960_000));
        assert_eq!(lines[5].act, Act::Expect(vec!["kim".into(), "sees".into(), "a b".into()]));
        assert_eq!(lines[6].act, Act::CrashAfter(3));
    }

    #[test]
    fn reads_what_people_do_to_messages() {
        let story = "kim edits one => two three\nkim deletes two\nkim on slack shares a.txt => hello\n\
                     kim topic all well\napp on discord in random says hello\nkim reacts pushpin => two\nkim notes two";
        let lines = parse(story).expect("a story");
        let who = |name: &str| Who { name: name.into(), stage: None, channel: None };
        assert_eq!(lines[0].act, Act::Edits(who("kim"), "one".into(), "two three".into()));
        assert_eq!(lines[1].act, Act::Deletes(who("kim"), "two".into()));
        assert!(matches!(&lines[2].act, Act::Shares(_, name, content) if name == "a.txt" && content == "hello"));
        assert_eq!(lines[3].act, Act::SetsTopic(who("kim"), "all well".into()));
        assert!(matches!(&lines[4].act, Act::AppSays(who, text) if who.stage.is_some() && text == "hello"));
        assert_eq!(lines[5].act, Act::Reacts(who("kim"), "pushpin".into(), "two".into()));
        assert_eq!(lines[6].act, Act::Notes(who("kim"), "two".into()));
    }

    #[test]
    fn a_story_is_played_on_each_platform_that_it_names() {
        let named = plays("# platforms: slack console\nkim on $P types /seqn help");
        assert_eq!(named[1], ("console".into(), "# platforms: slack console\nkim on console types /seqn help".into()));
        assert_eq!((named.len(), plays("kim types /seqn help").len()), (2, 1));
    }

    #[test]
    fn a_wrong_line_is_named() {
        for bad in [
            "kim",
            "kim dances",
            "kim says hello",
            "kim edits one",
            "advance soon",
            "fault seqn x explode",
            "kim submits org",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
