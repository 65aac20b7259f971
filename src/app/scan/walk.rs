//! Goes through the files that were asked for, several at once.
//!
//! Invariant: every file that was asked for is read, skipped and counted, or an error.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder, WalkState};

use crate::guard::Guard;

use super::place::Place;
use super::progress::Progress;
use super::read::{Reader, Reading};
use super::{Args, Hit, Outcome, Seen, shown};

/// What standard input is called.
const STDIN: &str = "-";

/// Scans all that was asked for.
pub(super) fn walk(args: &Args, guard: &Guard) -> Outcome {
    let here = [Path::new(".").to_path_buf()];
    let paths = if args.paths.is_empty() { &here[..] } else { &args.paths };
    let all = Shared { args, guard, outcome: Mutex::default(), progress: Progress::begin() };
    let (stdin, files): (Vec<_>, Vec<_>) = paths.iter().partition(|path| path.as_os_str() == STDIN);
    if !stdin.is_empty() {
        let mut reading = Reading::default();
        let read = Reader::new(guard.clone()).read(io::stdin().lock(), &mut reading);
        all.add("<stdin>", reading, read);
    }
    if let Some((first, others)) = files.split_first() {
        let mut builder = WalkBuilder::new(first);
        for path in others {
            builder.add(path);
        }
        let threads = args.threads.map_or_else(cores, usize::from);
        builder.standard_filters(!args.no_ignore).hidden(false).require_git(false).git_global(false);
        builder.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git").threads(threads);
        builder.build_parallel().run(|| {
            let mut reader = Reader::new(guard.clone());
            let all = &all;
            Box::new(move |entry| {
                all.visit(&mut reader, entry);
                WalkState::Continue
            })
        });
    }
    all.progress.end();
    all.outcome.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What the threads share.
struct Shared<'a> {
    args: &'a Args,
    guard: &'a Guard,
    outcome: Mutex<Outcome>,
    progress: Progress,
}

impl Shared<'_> {
    fn visit(&self, reader: &mut Reader, entry: Result<DirEntry, ignore::Error>) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return self.fail(&error.to_string()),
        };
        // Links are not followed, so that no loop and nothing outside is read; one that is named is.
        let kind = entry.file_type();
        let named = entry.depth() == 0 && kind.is_none_or(|kind| !kind.is_dir());
        if !(named || kind.is_some_and(|kind| kind.is_file())) {
            return;
        }
        let path = entry.path();
        let read = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        let (meta, file) = match read {
            Ok((meta, _)) if meta.is_dir() => return,
            Ok(opened) => opened,
            Err(error) => return self.add(&path.to_string_lossy(), Reading::default(), Err(error)),
        };
        if self.args.max_bytes.is_some_and(|most| meta.len() > most) {
            self.lock().too_large += 1;
            return;
        }
        let mut reading = Reading::default();
        let read = reader.read(file, &mut reading);
        self.add(&path.to_string_lossy(), reading, read);
    }

    /// Adds what was read of a file. Its name may hold a secret too.
    fn add(&self, path: &str, mut reading: Reading, read: io::Result<()>) {
        let path = path.strip_prefix("./").unwrap_or(path);
        let name = shown(self.guard, path);
        for finding in self.guard.findings(path) {
            reading.hits.insert(0, Hit { place: Place::NAME, bytes: 0, snippet: name.clone(), finding });
        }
        let mut outcome = self.lock();
        if let Err(error) = read {
            outcome.errors.push(format!("{name} cannot be read: {}", shown(self.guard, &error.to_string())));
        }
        outcome.files += u64::from(!reading.binary);
        outcome.binary += u64::from(reading.binary);
        outcome.bytes += if reading.binary { 0 } else { reading.bytes };
        if !reading.hits.is_empty() || reading.more > 0 {
            outcome.seen.push(Seen { path: name, hits: reading.hits, more: reading.more });
        }
        self.progress.tell(outcome.files, outcome.bytes, outcome.seen.len());
    }

    fn fail(&self, error: &str) {
        self.lock().errors.push(shown(self.guard, error));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
