//! Expectations: on what people see, on the world, on the audit trail. Each failure shows what there is.

use std::os::unix::fs::MetadataExt;

use anyhow::{Context, anyhow, ensure};

use crate::model::TrailHead;
use crate::sandbox::desk::Desk;
use crate::sandbox::sealed::{EVERYBODY, opened};
use crate::sandbox::stage::{Audience, Shown};

use super::play::Player;

impl Player {
    /// `kim [on slack] sees|never-sees TEXT`, `kim … button LABEL`, `kim … no-button LABEL`, `channel NAME [on slack]
    /// sees|never-sees TEXT` (`sees TEXT xN`: in so many messages), `world QUERY… is VALUE`, `effects N`, `audit ACTION
    /// OUTCOME [xN]`, `audit chain whole`: also against the published heads, `stored nowhere TEXT`: not in the files of the database; `secrets nowhere`:
    /// none of the world's secrets in those files or on any screen; `kim … opens WHAT`: what was sealed opens to the key
    /// that WHAT (a project as `acme/portal`, or an endpoint) has now; `received WHAT`: that key lies in the key folder.
    pub(super) async fn expect(&self, words: &[String]) -> anyhow::Result<()> {
        let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
        match word(0) {
            "world" => self.world(&words[1..]),
            "effects" => {
                let effects = self.desk.world.effects();
                ensure!(effects.len().to_string() == word(1), "{} effects: {effects:?}", effects.len());
                Ok(())
            }
            "stored" => self.nowhere(word(2)),
            "secrets" => self.secrets_nowhere(),
            "received" => self.received(word(1)),
            "audit" => self.audit(&words[1..]).await,
            _ => self.screen(words),
        }
    }

    fn world(&self, words: &[String]) -> anyhow::Result<()> {
        let at = words.iter().position(|w| w == "is").ok_or_else(|| anyhow!("`expect world QUERY is VALUE`"))?;
        let (query, want) = (words[..at].join(" "), words[at + 1..].join(" "));
        let desk = &self.desk;
        let have = desk.world.look(&query).or_else(|| desk.targets.look(&query)).unwrap_or_else(|| "nothing".into());
        ensure!(have == want, "{query} is {have}");
        Ok(())
    }

    async fn audit(&self, words: &[String]) -> anyhow::Result<()> {
        let store = self.desk.bot()?.engine.store();
        if words.first().is_some_and(|w| w == "chain") {
            let written = std::fs::read_to_string(self.desk.targets.head_file()).unwrap_or_default();
            let heads: Vec<TrailHead> = written.lines().filter_map(TrailHead::read).collect();
            let verdict = store.audit_verify_against(&heads).await?;
            ensure!(verdict.first_bad.is_none(), "the chain is broken: {:?}", verdict.first_bad);
            return Ok(());
        }
        let word = |at: usize| words.get(at).map(String::as_str).unwrap_or_default();
        let want: Option<usize> = word(2).strip_prefix('x').and_then(|n| n.parse().ok());
        let rows = store.audit_tail(10_000).await?;
        let found = rows.iter().filter(|r| r.action == word(0) && r.outcome == word(1)).count();
        let fine = want.map_or(found > 0, |n| n == found);
        let all: Vec<String> = rows.iter().map(|r| format!("{} {}", r.action, r.outcome)).collect();
        ensure!(fine, "found {found} of it in: {}", all.join(", "));
        Ok(())
    }

    fn nowhere(&self, text: &str) -> anyhow::Result<()> {
        ensure!(!text.is_empty(), "`expect stored nowhere TEXT`");
        let database = self.desk.database();
        for end in ["", "-wal"] {
            let mut name = database.as_os_str().to_owned();
            name.push(end);
            // Without a write-ahead log there is nothing in it.
            let bytes = std::fs::read(&name).unwrap_or_default();
            let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            ensure!(!found, "the text is in the database file {}", name.display());
        }
        Ok(())
    }

    fn secrets_nowhere(&self) -> anyhow::Result<()> {
        let shown: Vec<String> =
            self.desk.stages().iter().flat_map(|s| s.all()).filter(|s| s.author == "bot").map(|s| s.text).collect();
        for secret in self.desk.world.secrets() {
            self.nowhere(&secret).context("a secret of the world is stored")?;
            ensure!(!shown.iter().any(|text| text.contains(&secret)), "a secret of the world is on a screen");
        }
        Ok(())
    }

    fn received(&self, what: &str) -> anyhow::Result<()> {
        let files: Vec<_> = std::fs::read_dir(self.desk.key_folder())?.collect::<Result<_, _>>()?;
        let private = |file: &std::fs::DirEntry| file.metadata().is_ok_and(|about| about.mode() & 0o077 == 0);
        let texts = files.iter().filter(|file| private(file)).map(|file| std::fs::read_to_string(file.path()));
        let found = texts.filter_map(Result::ok).any(|key| self.desk.world.holds(what, &key));
        ensure!(found, "no private file of {} holds the key of {what}", files.len());
        Ok(())
    }

    fn screen(&self, words: &[String]) -> anyhow::Result<()> {
        let (shown, rest) = on_screen(&self.desk, words)?;
        let word = |at: usize| rest.get(at).map(String::as_str).unwrap_or_default();
        let want = word(1);
        let texts = || shown.iter().map(|s| s.text.as_str()).collect::<Vec<_>>().join("\n--\n");
        match word(0) {
            "sees" if word(2).starts_with('x') => {
                let count = shown.iter().filter(|s| s.text.contains(want)).count();
                ensure!(format!("x{count}") == word(2), "seen {count} times: {want:?} in\n{}", texts());
            }
            "sees" => {
                ensure!(shown.iter().any(|s| s.text.contains(want)), "not seen: {want:?}. There is:\n{}", texts())
            }
            "never-sees" => ensure!(!shown.iter().any(|s| s.text.contains(want)), "seen: {want:?} in\n{}", texts()),
            "button" => ensure!(shown.iter().any(|s| s.buttons.iter().any(|b| b == want)), "no button {want}"),
            "no-button" => {
                ensure!(!shown.iter().any(|s| s.buttons.iter().any(|b| b == want)), "there is a button {want}")
            }
            "opens" => {
                let keys = shown.iter().flat_map(|s| opened(&s.text, EVERYBODY)).collect::<Vec<_>>();
                ensure!(keys.iter().any(|key| self.desk.world.holds(want, key)), "of {} none is it", keys.len());
            }
            "form" => ensure!(shown.iter().any(|s| s.fields.iter().any(|f| f == want)), "no form with a field {want}"),
            other => return Err(anyhow!("nobody can expect `{other}`")),
        }
        Ok(())
    }
}

/// What somebody sees (or what is in a channel), and the words after that.
fn on_screen<'a>(desk: &Desk, words: &'a [String]) -> anyhow::Result<(Vec<Shown>, &'a [String])> {
    let channel = words.first().is_some_and(|w| w == "channel");
    let name = words.get(usize::from(channel)).ok_or_else(|| anyhow!("who?"))?;
    let mut rest = &words[1 + usize::from(channel)..];
    let mut stages: Vec<&str> = vec!["slack", "discord", "console"];
    if let [on, stage, tail @ ..] = rest
        && on == "on"
    {
        stages = vec![stage.as_str()];
        rest = tail;
    }
    let mut shown = Vec::new();
    for stage in stages {
        let stage = desk.stage(stage)?;
        let all = if channel { stage.all() } else { stage.sees(name) };
        let here = |s: &Shown| !channel || is_in(&s.audience, name);
        let ours = |s: &Shown| !s.gone && matches!(s.author.as_str(), "bot" | "platform");
        shown.extend(all.into_iter().filter(|s| ours(s) && here(s)));
    }
    Ok((shown, rest))
}

/// Whether that is for the channel of that name; `room` is any that the bot has opened.
fn is_in(audience: &Audience, name: &str) -> bool {
    match audience {
        Audience::Channel(channel) if name == "room" => crate::sandbox::cast::channel(channel).is_none(),
        Audience::Channel(channel) => channel == name,
        Audience::Only(_) | Audience::Direct(_) => false,
    }
}
