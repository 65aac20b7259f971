//! Tests of the parts: what is required, how it is read, and that reading it again gives the same.

use super::super::samples::{self, Dice, NINE, incident};
use super::*;

fn minutes(minutes: i64) -> Millis {
    NINE.plus_ms(minutes * MINUTE_MS)
}

fn with(name: &str, value: &str) -> Parts {
    let mut parts = samples::status();
    parts.insert(name.to_owned(), value.to_owned());
    parts
}

#[test]
fn every_missing_part_is_named_at_once() {
    let names = |errors: Vec<FieldError>| errors.into_iter().map(|error| error.option).collect::<Vec<_>>();
    let missing = |errors: &[FieldError]| errors.iter().all(|error| error.says.starts_with("It is missing. "));
    let errors = status(&Parts::new(), NINE, false).expect_err("all are missing");
    assert!(missing(&errors), "{errors:?}");
    let mut named = names(errors);
    named.sort();
    assert_eq!(named, ["impact", "mitigation", "next", "routes", "started"]);
    let errors = closing(&Parts::new()).expect_err("all are missing");
    assert!(missing(&errors), "{errors:?}");
    assert_eq!(names(errors), ["cause", "customer-impact", "prevention", "owner"]);
    for name in STATUS {
        for empty in ["", "  \n "] {
            let errors = status(&with(name, empty), NINE, false).expect_err(name);
            assert_eq!(names(errors), [name]);
        }
    }
    for name in CLOSING {
        let mut parts = samples::closing();
        parts.remove(name);
        assert_eq!(names(closing(&parts).expect_err(name)), [name]);
    }
}

#[test]
fn what_is_over_promises_nothing() {
    let mut parts = samples::status();
    parts.remove("next");
    assert_eq!(status(&parts, NINE, true).expect("nothing is missing").next, None);
    assert_eq!(status(&samples::status(), NINE, true).expect("what is promised is left out").next, None);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let parts = samples::parts(&[
        ("impact", &"x".repeat(PART_CHARS_MAX + 1)),
        ("routes", "sign-in"),
        ("started", "tomorrow"),
        ("next", "later"),
        ("mood", "bad"),
    ]);
    let errors = status(&parts, NINE, false).expect_err("nothing is right");
    let mut named: Vec<&str> = errors.iter().map(|error| error.option.as_str()).collect();
    named.sort_unstable();
    assert_eq!(named, ["impact", "mitigation", "mood", "next", "routes", "started"]);
    assert!(errors.iter().all(|error| error.says.ends_with(['.', '?', ')'])), "{errors:?}");
    let mut parts = samples::closing();
    parts.insert("impact".into(), "x".into());
    assert_eq!(closing(&parts).expect_err("a close has no impact")[0].option, "impact");
}

#[test]
fn routes_are_read_as_people_write_them() {
    let routes = |text: &str| status(&with("routes", text), NINE, false).map(|read| read.routes);
    for (text, read) in [
        ("/v1/me", &["/v1/me"][..]),
        ("/v1/me, /v1/me,/v1/x", &["/v1/me", "/v1/x"]),
        ("post /v1/sessions\nGET /v1/me /v1/x", &["POST /v1/sessions", "GET /v1/me", "/v1/x"]),
        ("All", &["all"]),
        ("none", &[]),
    ] {
        assert_eq!(routes(text).expect(text), read, "{text}");
    }
    let many: String = (0..=ROUTES_MAX).map(|n| format!("/v1/{n} ")).collect();
    for text in
        ["sign-in", "/v1/me?x=1", "//x", "GET", "GET POST /v1", "all, /v1/me", "none /v1", "POST all", ",", &many]
    {
        assert_eq!(routes(text).expect_err(text)[0].option, "routes", "{text}");
    }
}

#[test]
fn the_start_is_a_time_or_how_long_ago() {
    let started = |text: &str| status(&with("started", text), NINE, false).map(|read| read.started);
    for (text, at) in [
        ("now", minutes(0)),
        ("20m", minutes(-20)),
        ("2h ago", minutes(-120)),
        ("2026-11-02 08:15", minutes(-45)),
        ("2026-11-02T09:04:00Z", minutes(4)),
    ] {
        assert_eq!(started(text), Ok(at), "{text}");
    }
    for text in ["2026-11-02 09:06", "2027-01-01", "yesterday", "-5m"] {
        assert_eq!(started(text).expect_err(text)[0].option, "started", "{text}");
    }
}

#[test]
fn titles_are_one_short_line() {
    assert_eq!(title("  Sign-in \n is   slow "), Ok("Sign-in is slow".into()));
    assert!(title(" \n").is_err());
    assert!(title(&"x".repeat(TITLE_CHARS_MAX)).is_ok());
    assert!(title(&"x".repeat(TITLE_CHARS_MAX + 1)).expect_err("it is long").says.contains("121 characters; 120"));
}

#[test]
fn prevention_has_items() {
    let items = |text: &str| {
        let mut parts = samples::closing();
        parts.insert("prevention".into(), text.into());
        closing(&parts).map(|read| read.prevention)
    };
    assert_eq!(
        items("- Bound the pool\n\n* Alert; Tell support"),
        Ok(vec!["Bound the pool".into(), "Alert".into(), "Tell support".into()])
    );
    assert!(items("-\n;").expect_err("it names nothing")[0].says.starts_with("It names nothing."));
    assert!(items(&"x\n".repeat(ITEMS_MAX + 1)).is_err());
}

#[test]
fn what_was_read_is_read_again_as_the_same() {
    let words = ["now", "20m", "all", "none", "/v1/me", "POST /v1/x", "x y", "- a\nb", "2026-11-02 08:15", "30m", ""];
    let (mut good, mut bad) = (0, 0);
    for seed in 0..3_000 {
        let mut dice = Dice::of(seed);
        let mut parts = samples::status();
        for name in STATUS {
            if dice.below(3) == 0 {
                parts.insert(name.to_owned(), (*dice.one(&words)).to_owned());
            }
        }
        match status(&parts, NINE, false) {
            Ok(read) => {
                good += 1;
                assert_eq!(status(&read.parts(), NINE, false), Ok(read), "seed {seed}");
            }
            Err(errors) => {
                bad += 1;
                assert!(errors.iter().all(|error| STATUS.contains(&error.option.as_str())));
            }
        }
    }
    assert!(good > 500 && bad > 500, "{good} {bad}");
    let read = closing(&samples::closing()).expect("the sample is good");
    assert_eq!(closing(&read.parts()), Ok(read));
}

#[test]
fn the_proposal_is_what_was_said_last_and_the_cadences_next_update() {
    let proposed = proposal(&incident(), &Cadence::default(), minutes(5));
    let read = status(&proposed, minutes(5), false).expect("a proposal can be sent as it is");
    assert_eq!((read.impact.as_str(), read.next), ("Some sign-ins fail with 503.", Some(minutes(65))));
    assert_eq!((read.started, read.routes.len()), (minutes(-20), 2));
    let fresh = Incident { parts: Parts::new(), ..incident() };
    assert_eq!(proposal(&fresh, &Cadence::default(), NINE).into_keys().collect::<Vec<_>>(), ["next"]);
}
