//! Passing a key on to a command: on its standard input, and nowhere else.
//!
//! What it prints is not read: it may repeat the key. Invariant: the command inherits neither our environment, in which
//! credentials may stand, nor more time than is named here.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process;

use crate::guard::Secret;
use crate::ports::Label;

use super::super::base::BadConfig;
use super::{filled, known};

/// How long the command may take: it talks to a secret store nearby.
const WITHIN: Duration = Duration::from_secs(20);
/// The most words of a command.
const WORDS_MOST: usize = 32;
/// What the command gets of our environment.
const INHERITED: [&str; 2] = ["PATH", "HOME"];
/// Whether a file may be executed by anybody.
const EXECUTABLE: u32 = 0o111;

/// A command with the words that it is called with, and how it is tried beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    words: Vec<String>,
    test: Vec<String>,
}

impl Command {
    /// A command by its absolute path and words; `test` is called before a key is made and must end well.
    ///
    /// # Errors
    /// What is wrong with the words, as a sentence.
    pub fn new(words: Vec<String>, test: Vec<String>) -> Result<Self, BadConfig> {
        for (what, some) in [("The command", &words), ("Its test", &test)] {
            let wrong = |why: &str| Err(BadConfig(format!("{what} {why}.")));
            match some.first() {
                None => return wrong("is empty: write the program and its words, each in quotes"),
                Some(program) if !Path::new(program).is_absolute() => {
                    return wrong("must name its program by a path that starts with a slash");
                }
                Some(_) if some.len() > WORDS_MOST => return wrong(&format!("has more than {WORDS_MOST} words")),
                Some(_) if some.iter().any(|word| word.contains('\0')) => return wrong("holds what no word can hold"),
                Some(_) => {}
            }
        }
        if !words.iter().skip(1).all(|word| known(word)) || words.first().is_some_and(|program| program.contains('{')) {
            let says = "A command's words may hold {org}, {item} and {request} in braces, and nothing else.";
            return Err(BadConfig(says.into()));
        }
        if test.iter().any(|word| word.contains(['{', '}'])) {
            return Err(BadConfig("A test is the same for every key: it may hold no braces.".into()));
        }
        Ok(Self { words, test })
    }

    /// The program.
    pub(super) fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Whether the program can be run, and its test ends well. Nothing is written to it.
    pub(super) async fn test(&self) -> Result<(), String> {
        let program = self.program();
        let runs = |found: io::Result<std::fs::Metadata>| {
            found.is_ok_and(|about| about.is_file() && about.permissions().mode() & EXECUTABLE != 0)
        };
        if !runs(tokio::fs::metadata(program).await) {
            return Err(format!("The command {program} is not there or may not be run."));
        }
        run(&self.test, None).await.map_err(|why| format!("The test of the command {program} failed: {why}"))
    }

    /// Runs it with the key on its standard input.
    pub(super) async fn run(&self, label: Label<'_>, key: &Secret) -> Result<(), String> {
        let words: Vec<String> = self.words.iter().map(|word| filled(word, label)).collect();
        run(&words, Some(key)).await.map_err(|why| format!("The command {} failed: {why}", self.program()))
    }
}

async fn run(words: &[String], key: Option<&Secret>) -> Result<(), String> {
    let [program, rest @ ..] = words else { return Err("it is empty.".into()) };
    let mut command = process::Command::new(program);
    command.args(rest).env_clear().stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.stdin(if key.is_some() { Stdio::piped() } else { Stdio::null() });
    for name in INHERITED {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    let mut child = command.spawn().map_err(|error| format!("it could not be started ({}).", error.kind()))?;
    let work = async {
        if let (Some(key), Some(mut input)) = (key, child.stdin.take()) {
            input.write_all(key.expose().as_bytes()).await?;
            input.shutdown().await?;
        }
        child.wait().await
    };
    match tokio::time::timeout(WITHIN, work).await {
        Err(_) => Err(format!("it did not end within {} s.", WITHIN.as_secs())),
        Ok(Err(error)) => Err(format!("it did not take its input ({}).", error.kind())),
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(match status.code() {
            Some(code) => format!("it ended with {code}."),
            None => "it was ended by a signal.".into(),
        }),
    }
}
