//! Published heads as an operator gives them: on the command line, or in files of any number of lines.

use std::path::Path;

use anyhow::{Context, bail};

use crate::model::TrailHead;

/// Largest file of heads: one each hour for a hundred years has 90 MB.
const FILE_MOST_BYTES: u64 = 100_000_000;

/// What was read.
pub(super) struct Heads {
    pub(super) heads: Vec<TrailHead>,
    /// Lines in which no head stands.
    pub(super) skipped: usize,
}

/// Each word is a head, or a file that has some.
pub(super) fn read(given: &[String]) -> anyhow::Result<Heads> {
    let mut all = Heads { heads: Vec::new(), skipped: 0 };
    for word in given {
        if let Some(head) = TrailHead::read(word) {
            all.heads.push(head);
            continue;
        }
        let file = std::fs::metadata(Path::new(word));
        let file = file.with_context(|| format!("{word} is neither a head (TIME ROW HASH) nor a file of heads."))?;
        if file.len() > FILE_MOST_BYTES {
            bail!("{word} is larger than {FILE_MOST_BYTES} bytes: no file of heads.");
        }
        let text = std::fs::read_to_string(word).with_context(|| format!("{word} cannot be read."))?;
        let before = all.heads.len();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            match TrailHead::read(line) {
                Some(head) => all.heads.push(head),
                None => all.skipped += 1,
            }
        }
        // What proves nothing must not look as if it did.
        if all.heads.len() == before {
            bail!("No line of {word} names a head (TIME ROW HASH).");
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_from_words_and_files_and_nothing_proves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            path.display().to_string()
        };
        let hash = "0a".repeat(32);
        let many = file("heads.log", &format!("1970-01-01T00:00:01Z 1 {hash}\n\n2026-11-2\nrow 2: {hash}\n"));
        let found = read(&[format!("7 {hash}"), many]).expect("heads");
        assert_eq!(found.heads.iter().map(|head| head.seq).collect::<Vec<_>>(), [7, 1, 2]);
        assert_eq!(found.skipped, 1);
        assert!(read(&[file("empty.log", "\n")]).is_err());
        assert!(read(&[folder.path().join("none").display().to_string()]).is_err());
        assert!(read(&[format!("7 {}", &hash[1..])]).is_err());
        assert!(read(&[]).expect("nothing asked").heads.is_empty());
    }
}
