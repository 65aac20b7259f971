//! `scan` through the program: files, directories, standard input; every format and every exit code.
//!
//! Invariant: each run is also searched for the secret itself, on both of its outputs.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use seqn_chatops::guard::rules;
use serde_json::Value;
use tempfile::TempDir;

struct Run {
    code: i32,
    out: String,
    err: String,
}

/// A project key that no file holds.
fn key() -> String {
    format!("sk_{}_Zq7Lx2VbN9tRk4WmYc8HsJd3", "live")
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = crate::folder::folder();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Scans in that folder. Neither output holds the key in any form.
fn scan(folder: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_seqn-chatops"))
        .arg("scan")
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A scan that is told nothing of standard input need not read it.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let body = &key()[17..];
    let hex: String = body.bytes().map(|byte| format!("{byte:02x}")).collect();
    for form in [body.to_owned(), hex, STANDARD.encode(body)[..16].to_owned(), key().replace('_', "%5F")] {
        assert!(!out.contains(&form) && !err.contains(&form), "{form}: {out}\n{err}");
    }
    Run { code: output.status.code().unwrap(), out, err }
}

#[test]
fn clean_is_0_found_is_1_and_an_error_is_2() {
    let folder = folder(&[("a.txt", b"nothing\n"), ("b/c.env", format!("x = 1\n KEY={}\n", key()).as_bytes())]);
    let clean = scan(folder.path(), &["a.txt"], b"");
    assert_eq!((clean.code, clean.out.as_str()), (0, ""));
    assert!(clean.err.starts_with("seqn-chatops scan: found nothing; read 1 file(s)"), "{}", clean.err);
    let found = scan(folder.path(), &[], b"");
    assert_eq!(found.code, 1);
    let line = found.out.strip_prefix("b/c.env:2:6: project-secret-key: KEY=sk_live_Zq7Lx2Vb…[redacted] (").unwrap();
    assert_eq!(line.len(), 32 + 2, "{line}");
    assert!(found.err.contains("found 1 (1 different) in 1 file(s); read 2 file(s)"), "{}", found.err);
    let both = scan(folder.path(), &["missing", "b"], b"");
    assert_eq!((both.code, both.out.lines().count()), (2, 1));
    assert!(both.err.contains("missing") && both.err.contains("1 error(s)"), "{}", both.err);
    assert_eq!(scan(folder.path(), &["--no-such-flag"], b"").code, 2);
    assert_eq!(scan(folder.path(), &["--threads", "0"], b"").code, 2);
    let keyless = scan(folder.path(), &["--baseline", "x"], b"");
    assert!(keyless.code == 2 && keyless.err.contains("needs --key-file"), "{}", keyless.err);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_beside_the_findings() {
    let folder = folder(&[("good", key().as_bytes()), ("closed", b"x")]);
    fs::set_permissions(folder.path().join("closed"), fs::Permissions::from_mode(0o000)).unwrap();
    // For root no mode closes a file; this one fails for everybody when it is read.
    let run = scan(folder.path(), &["good", "closed", "/proc/self/mem"], b"");
    assert_eq!((run.code, run.out.lines().count()), (2, 1));
    assert!(run.err.contains("/proc/self/mem cannot be read"), "{}", run.err);
}

#[test]
fn json_is_one_object_a_line_and_standard_input_is_a_file() {
    let folder = folder(&[]);
    let input = format!("é {0}\n\n{0}\n", key());
    let run = scan(folder.path(), &["-", "--format", "json"], input.as_bytes());
    assert_eq!(run.code, 1);
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["fingerprint"], lines[1]["fingerprint"]);
    assert_eq!((&lines[0]["path"], &lines[0]["line"], &lines[0]["column"]), (&"<stdin>".into(), &1.into(), &3.into()));
    assert_eq!((&lines[1]["line"], &lines[1]["column"]), (&3.into(), &1.into()));
    assert_eq!(lines[0]["rule"], "project-secret-key");
    assert_eq!(lines[0]["snippet"], "é sk_live_Zq7Lx2Vb…[redacted]");
    assert_eq!(lines[0].as_object().unwrap().len(), 6);
    assert_eq!(scan(folder.path(), &["-"], b"nothing").code, 0);
}

#[test]
fn sarif_has_the_shape_that_code_hosts_read() {
    let text = format!("ä\nsee {} and\npg_pass={}\n", key(), "h4rdT0gue55-x9");
    let folder = folder(&[("dir with space/a.txt", text.as_bytes())]);
    let run = scan(folder.path(), &["--format", "sarif", "dir with space", "missing"], b"");
    assert_eq!(run.code, 2);
    let log: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().contains("sarif-2.1.0"));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(run["tool"]["driver"]["name"], "seqn-chatops");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let results = run["results"].as_array().unwrap();
    assert_eq!((results.len(), rules.len()), (2, 2));
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().unwrap().ends_with('.'));
        let marks = result["partialFingerprints"].as_object().unwrap();
        assert_eq!(marks["seqnSecret/v1"].as_str().unwrap().len(), 32);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "dir%20with%20space/a.txt");
    }
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&2.into(), &5.into()));
    assert_eq!((&region["byteOffset"], &region["byteLength"]), (&7.into(), &key().len().into()));
}

#[test]
fn ignore_files_hold_until_no_ignore_or_a_name() {
    let secret = key();
    let folder = folder(&[
        (".gitignore", b"one\n"),
        (".ignore", b"two\n"),
        ("one", secret.as_bytes()),
        ("two", secret.as_bytes()),
        (".hidden", secret.as_bytes()),
        (".git/config", secret.as_bytes()),
        ("sub/one", secret.as_bytes()),
    ]);
    let paths = |run: &Run| run.out.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(paths(&scan(folder.path(), &[], b"")), [".hidden"]);
    assert_eq!(paths(&scan(folder.path(), &["--no-ignore"], b"")), [".hidden", "one", "sub/one", "two"]);
    assert_eq!(paths(&scan(folder.path(), &["one"], b"")), ["one"]);
    let small = scan(folder.path(), &["--max-bytes", "5"], b"");
    assert!(small.code == 0 && small.err.contains("1 larger than --max-bytes skipped"), "{}", small.err);
}

#[test]
fn a_link_that_leads_back_is_not_followed() {
    let folder = folder(&[("a/key", key().as_bytes())]);
    symlink("..", folder.path().join("a/up")).unwrap();
    symlink("self", folder.path().join("a/self")).unwrap();
    let run = scan(folder.path(), &[], b"");
    assert_eq!((run.code, run.out.lines().count()), (1, 1), "{}{}", run.out, run.err);
}

#[test]
fn binary_files_are_skipped_and_counted_and_others_are_read_whatever_they_are() {
    let secret = key();
    let with = |head: &[u8]| [head, secret.as_bytes()].concat();
    let wide = |mark: [u8; 2], units: fn(u16) -> [u8; 2]| -> Vec<u8> {
        mark.into_iter().chain(format!("ab\n{}\n", key()).encode_utf16().flat_map(units)).collect()
    };
    let folder = folder(&[
        ("image.png", &with(b"\x89PNG\r\n\x1a\n")),
        ("pack.zip", &with(b"PK\x03\x04")),
        ("zero", &with(b"\0")),
        ("latin", &with(b"caf\xe9 ")),
        ("little", &wide([0xff, 0xfe], u16::to_le_bytes)),
        ("big", &wide([0xfe, 0xff], u16::to_be_bytes)),
        ("login.html", format!("<html><body>Sign in</body><b>{secret}</b></html>").as_bytes()),
    ]);
    let run = scan(folder.path(), &["--format", "json"], b"");
    assert!(run.code == 1 && run.err.contains("3 binary skipped"), "{}", run.err);
    let lines: Vec<Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places: Vec<String> = lines
        .iter()
        .map(|one| format!("{}:{}:{}", one["path"].as_str().unwrap(), one["line"], one["column"]))
        .collect();
    assert_eq!(places, ["big:2:1", "latin:1:6", "little:2:1", "login.html:1:30"]);
}

#[test]
fn a_secret_in_a_name_is_found_and_not_shown() {
    let name = format!("{}\u{1b}[31m.txt", key());
    let folder = folder(&[(name.as_str(), b"nothing")]);
    for format in ["text", "json", "sarif"] {
        let run = scan(folder.path(), &["--format", format], b"");
        assert!(run.code == 1 && !run.out.contains('\u{1b}'), "{}", run.out);
    }
    let missing = scan(folder.path(), &[&format!("no-{}", key())], b"");
    assert!(missing.code == 2 && !missing.err.contains(&key()[17..]), "{}", missing.err);
}

#[test]
fn ten_thousand_findings_in_one_file_and_one_behind_many_parts() {
    let line = |number: usize| format!("{number} {}{number:05}\n", key());
    let many: String = (0..10_000).map(line).collect();
    let mut far = b"some words on a line of a log file, over and over\n".repeat(120_000);
    far.extend_from_slice(key().as_bytes());
    let folder = folder(&[("many", many.as_bytes()), ("far", &far)]);
    let run = scan(folder.path(), &["many"], b"");
    assert_eq!((run.code, run.out.lines().count()), (1, 10_000));
    assert!(run.out.lines().nth(9_999).unwrap().starts_with("many:10000:6:"));
    assert!(run.err.contains("(10000 different)"), "{}", run.err);
    let run = scan(folder.path(), &["far"], b"");
    assert!(run.out.starts_with("far:120001:1: project-secret-key"), "{}", run.out);
}

#[test]
fn every_kind_is_found_in_a_file() {
    for rule in rules() {
        let folder = folder(&[("file", format!("first line\n{}\n", (rule.example)()).as_bytes())]);
        let run = scan(folder.path(), &["--format", "json"], b"");
        let line: Value = serde_json::from_str(run.out.lines().next().unwrap()).unwrap();
        assert_eq!((run.code, line["rule"].as_str().unwrap()), (1, rule.name.as_str()));
    }
}

#[test]
fn a_baseline_hides_what_it_names() {
    let folder = folder(&[("a", format!("{}\n", key()).as_bytes())]);
    let keyed = ["--key-file", ".key", "a"];
    let write = scan(folder.path(), &[&keyed[..], &["--write-baseline", "known"]].concat(), b"");
    assert_eq!(write.code, 1);
    let again = scan(folder.path(), &[&keyed[..], &["--baseline", "known"]].concat(), b"");
    assert!(again.code == 0 && again.err.contains("1 known from the baseline"), "{}", again.err);
    fs::write(folder.path().join("a"), format!("{}\n{}x9\n", key(), key())).unwrap();
    let newer = scan(folder.path(), &[&keyed[..], &["--baseline", "known"]].concat(), b"");
    assert!(newer.code == 1 && newer.out.starts_with("a:2:1:") && newer.out.lines().count() == 1, "{}", newer.out);
    let other = scan(folder.path(), &["--key-file", ".other", "--baseline", "known", "a"], b"");
    assert_eq!((other.code, other.out.lines().count()), (1, 2));
    let mode = fs::metadata(folder.path().join(".key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(folder.path().join(".key"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(scan(folder.path(), &keyed, b"").err.contains("can be read by others"));
    fs::write(folder.path().join("known"), key()).unwrap();
    assert!(scan(folder.path(), &["--key-file", ".other", "--baseline", "known"], b"").err.contains("no fingerprint"));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_as_far_as_it_is_there() {
    let folder = folder(&[("log", &b"a line of a log that is written right now\n".repeat(200_000))]);
    let path = folder.path().join("log");
    let changing = std::thread::spawn(move || {
        for round in 0..200_u64 {
            let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(8_000_000 >> (round % 20)).unwrap();
        }
    });
    for _ in 0..3 {
        let run = scan(folder.path(), &[], b"");
        assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    }
    changing.join().unwrap();
}

#[test]
fn the_hooks_run_what_the_program_reads() {
    let text = include_str!("../../.pre-commit-hooks.yaml");
    let hooks: Value = serde_yaml_ng::from_str(text).unwrap();
    let folder = folder(&[("-odd name", key().as_bytes()), ("fine", b"x")]);
    assert_eq!(hooks.as_array().unwrap().len(), 2);
    for hook in hooks.as_array().unwrap() {
        let entry: Vec<&str> = hook["entry"].as_str().unwrap().split(' ').collect();
        assert_eq!(entry[..2], ["seqn-chatops", "scan"]);
        assert_eq!(scan(folder.path(), &[&entry[2..], &["fine"]].concat(), b"").code, 0);
        assert_eq!(scan(folder.path(), &[&entry[2..], &["-odd name", "fine"]].concat(), b"").code, 1);
    }
}

#[test]
fn an_installation_gives_its_key_or_says_what_is_missing() {
    let folder = folder(&[("bad.toml", b"[store]\n"), ("a", key().as_bytes())]);
    let wrong = scan(folder.path(), &["--config", "bad.toml", "a"], b"");
    assert!(wrong.code == 2 && wrong.err.contains("The configuration has"), "{}", wrong.err);
    let missing = scan(folder.path(), &["--config", "none.toml", "a"], b"");
    assert!(missing.code == 2 && missing.err.contains("cannot be read"), "{}", missing.err);
    assert_eq!(scan(folder.path(), &["--config", "bad.toml", "--key-file", "k", "a"], b"").code, 2);
}
