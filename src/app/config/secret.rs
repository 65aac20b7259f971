//! Where a credential is kept: an environment variable, a file, or a credential of the service manager.
//!
//! Invariant: a credential is never written into the configuration itself, and an error never repeats one.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use toml::Value;

/// Larger files hold something else than a credential.
const FILE_MOST_BYTES: u64 = 64 * 1024;
/// Where systemd puts the credentials of a unit.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// Where a credential is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(PathBuf),
    /// In a credential that the service manager hands over (`LoadCredential=`).
    Credential(String),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Credential(name) => write!(f, "the credential {name}"),
        }
    }
}

/// Reads where a credential is kept; the sentence says what is wrong and repeats nothing.
pub(super) fn source(value: &Value) -> Result<SecretSource, String> {
    let table = match value {
        Value::Table(table) => table,
        Value::String(_) => {
            return Err("A credential must not be written into this file. If it was a real one, renew it now.".into());
        }
        _ => return Err("It does not say where the credential is kept.".into()),
    };
    let mut entries = table.iter();
    let (Some((key, Value::String(at))), None) = (entries.next(), entries.next()) else {
        return Err("It must name exactly one place, as a text.".into());
    };
    match key.as_str() {
        "env" if is_variable(at) => Ok(SecretSource::Env(at.clone())),
        "env" => Err("The name of an environment variable has capital letters, digits and _ only.".into()),
        "file" if Path::new(at).is_absolute() => Ok(SecretSource::File(at.into())),
        "file" => Err("The path of a file must start with a slash.".into()),
        "credential" if is_credential(at) => Ok(SecretSource::Credential(at.clone())),
        "credential" => Err("The name of a credential has letters, digits and -_. only.".into()),
        _ => Err("A credential is kept in `env`, `file` or `credential`.".into()),
    }
}

fn is_variable(name: &str) -> bool {
    let first = name.bytes().next().is_some_and(|b| !b.is_ascii_digit());
    first && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_credential(name: &str) -> bool {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    plain && !matches!(name, "" | "." | "..")
}

/// Looks a credential up in the system.
///
/// # Errors
/// A sentence that names the place, never the content.
pub fn from_system(source: &SecretSource) -> Result<String, String> {
    match source {
        SecretSource::Env(name) => {
            std::env::var(name).map_err(|_| format!("{} is not set, or is no text.", Capital(source)))
        }
        SecretSource::File(path) => read(path, source),
        SecretSource::Credential(name) => match std::env::var_os(CREDENTIALS_DIRECTORY) {
            Some(folder) => read(&Path::new(&folder).join(name), source),
            None => Err(format!("{CREDENTIALS_DIRECTORY} is not set: the service manager hands over no credentials.")),
        },
    }
}

struct Capital<'a>(&'a SecretSource);

impl fmt::Display for Capital<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        write!(f, "T{}", text.strip_prefix('t').unwrap_or(&text))
    }
}

fn read(path: &Path, source: &SecretSource) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{} cannot be read: {}.", Capital(source), error.kind());
    let file = File::open(path).map_err(failed)?;
    let mut text = String::new();
    file.take(FILE_MOST_BYTES + 1).read_to_string(&mut text).map_err(failed)?;
    if text.len() as u64 > FILE_MOST_BYTES {
        return Err(format!("{} is too large for a credential.", Capital(source)));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_source(text: &str) -> Result<SecretSource, String> {
        let table: toml::Table = format!("it = {text}").parse().expect("TOML");
        source(&table["it"])
    }

    #[test]
    fn a_place_is_read_and_a_credential_is_not() {
        assert_eq!(read_source(r#"{ env = "BOT_TOKEN" }"#), Ok(SecretSource::Env("BOT_TOKEN".into())));
        assert_eq!(read_source(r#"{ file = "/run/x" }"#), Ok(SecretSource::File("/run/x".into())));
        assert_eq!(read_source(r#"{ credential = "a.b" }"#), Ok(SecretSource::Credential("a.b".into())));
        for bad in [
            r#""correct-horse""#,
            r#"{ env = "correct-horse" }"#,
            r#"{ file = "correct-horse" }"#,
            r#"{ credential = "../correct-horse" }"#,
            r#"{ value = "correct-horse" }"#,
            r#"{ env = "A", file = "/b" }"#,
            "{}",
            "7",
        ] {
            let says = read_source(bad).expect_err("refused");
            assert!(!says.contains("horse"), "{says}");
        }
    }

    #[test]
    fn files_are_read_and_missing_ones_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "correct horse\n").expect("written");
        assert_eq!(from_system(&SecretSource::File(path.clone())).as_deref(), Ok("correct horse\n"));
        let says = from_system(&SecretSource::File(folder.path().join("none"))).expect_err("missing");
        assert!(says.starts_with("The file ") && says.contains("not found"), "{says}");
        std::fs::write(&path, "x".repeat(70_000)).expect("written");
        assert!(from_system(&SecretSource::File(path)).is_err());
    }
}
