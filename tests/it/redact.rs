//! `redact` through the program: a filter that never lets a secret out, however it arrives.
//!
//! Invariant: what is compared is bytes, and nothing waits but for what the program has written.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;

use seqn_chatops::guard::{FingerprintKey, Guard, rules};

fn started() -> Child {
    Command::new(env!("CARGO_BIN_EXE_seqn-chatops"))
        .arg("redact")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What comes out for that, and what is said; the exit code is 0.
fn through(input: &[u8]) -> Vec<u8> {
    let mut child = started();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writing = thread::spawn(move || stdin.write_all(&input).unwrap());
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    output.stdout
}

fn example(name: &str) -> String {
    let rule = rules().iter().find(|rule| rule.name.as_str() == name).unwrap();
    (rule.example)()
}

/// Whether twelve bytes of a secret, or all of a short one, are in there, beside what may be shown of it.
fn leaks(out: &[u8], example: &str) -> bool {
    let finding = Guard::new(FingerprintKey::new([0; 32])).findings(example).remove(0);
    let secret = &example.as_bytes()[finding.span.start + finding.prefix.as_str().len()..finding.span.end];
    secret.windows(secret.len().min(12)).any(|part| memchr::memmem::find(out, part).is_some())
}

#[test]
fn a_secret_cut_anywhere_between_two_reads_does_not_come_out() {
    let mut child = started();
    let mut stdin = child.stdin.take().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    for name in ["project-secret-key", "webhook-secret", "private-key", "jwt", "database-url"] {
        let secret = example(name);
        for cut in 1..secret.len() {
            // The mark comes out only after the read that also brought the secret's beginning.
            let (head, tail) = secret.as_bytes().split_at(cut);
            stdin.write_all(&[format!("mark {cut}\n").as_bytes(), head].concat()).unwrap();
            let mut line = String::new();
            while line != format!("mark {cut}\n") {
                line.clear();
                assert!(out.read_line(&mut line).unwrap() > 0);
            }
            stdin.write_all(&[tail, b"\nplain\nend\n"].concat()).unwrap();
            let mut seen = Vec::new();
            while !seen.ends_with(b"\nend\n") {
                assert!(out.read_until(b'\n', &mut seen).unwrap() > 0);
            }
            assert!(!leaks(&seen, &secret), "{name} at {cut}: {}", String::from_utf8_lossy(&seen));
            assert!(memchr::memmem::find(&seen, b"redacted").is_some(), "{name} at {cut}");
        }
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn all_else_comes_out_as_it_is() {
    let plain = include_bytes!("redact.rs");
    assert_eq!(through(plain), plain);
    assert_eq!(through(b""), b"");
    assert_eq!(through(b"no line end"), b"no line end");
    let odd: Vec<u8> = (0..=255_u8).cycle().take(70_000).collect();
    assert_eq!(through(&odd), odd);
    let secret = example("project-secret-key");
    let out = through(&[b"\xff\x00 ", secret.as_bytes(), b" \xf0\x9f\r\n\xc3"].concat());
    assert!(out.starts_with(b"\xff\x00 sk_") && out.ends_with(b"[redacted] \xf0\x9f\r\n\xc3"), "{out:?}");
    assert!(!leaks(&out, &secret));
}

#[test]
fn every_kind_is_taken_out_of_a_large_stream() {
    let filler = "2026-11-24T00:00:00Z INFO request served path=/v1/orgs status=200 took=12ms\n".repeat(300);
    let mut input = String::new();
    for rule in rules() {
        input.push_str(&format!("{filler}{}\n", (rule.example)()));
    }
    let out = through(input.as_bytes());
    for rule in rules() {
        let example = (rule.example)();
        assert!(leaks(input.as_bytes(), &example) && !leaks(&out, &example), "{}", rule.name);
    }
    let marks = memchr::memmem::find_iter(&out, b"[redacted").count();
    assert!(marks >= rules().len(), "{marks}");
    assert_eq!(through(&out), out, "a second time changes nothing");
}

#[test]
fn a_line_that_is_too_long_is_withheld() {
    let secret = example("project-secret-key");
    let input = [b"before\n", "x".repeat(3 << 20).as_bytes(), secret.as_bytes(), b"\nafter\n"].concat();
    assert_eq!(through(&input), b"before\n[withheld: line too long]\nafter\n");
}

#[test]
fn a_reader_that_goes_away_ends_it_silently() {
    let mut child = started();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // Whether this or a later write fails depends on how far the program is.
    for _ in 0..100 {
        if stdin.write_all(&b"a line\n".repeat(10_000)).is_err() {
            break;
        }
    }
    drop(stdin);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}
