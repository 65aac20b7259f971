//! When a check counts: every row of looks, what is said of it, and that nothing is said twice.

use super::*;

const START: Millis = Millis(1_000_000);

fn finding(subject: Subject, light: Light) -> Finding {
    Finding { subject, light, says: "It answered 503 instead of 200.".into(), took_ms: 4 }
}

/// What is said at each look of a row, one look after the other.
fn row(subject: Subject, lights: &[Light]) -> (Watched, Vec<Vec<Signal>>) {
    let mut now = Watched::new(START);
    let mut said = Vec::new();
    for light in lights {
        let (next, signals) = after(now, &finding(subject, *light), now.due);
        said.push(signals);
        now = next;
    }
    (now, said)
}

/// At which looks something is said to fail, and to be well again.
fn turns(subject: Subject, lights: &[Light]) -> (Vec<usize>, Vec<usize>) {
    let (_, said) = row(subject, lights);
    let at = |fires: bool| {
        let is = move |signal: &Signal| matches!(signal, Signal::Firing(_)) == fires;
        said.iter().enumerate().filter(|(_, one)| one.iter().any(is)).map(|(at, _)| at).collect()
    };
    (at(true), at(false))
}

#[test]
fn two_failures_in_a_row_count_and_so_do_two_successes() {
    use Light::{Amber, Green, Red};
    let health = |lights: &[Light]| turns(Subject::PublicHealth, lights);
    assert_eq!(health(&[Red, Green, Red, Green]), (vec![], vec![]), "one failure is none");
    assert_eq!(health(&[Red, Red, Red, Red]), (vec![1], vec![]), "it is said once");
    assert_eq!(health(&[Red, Red, Green, Red, Green, Green, Green]), (vec![1], vec![5]));
    assert_eq!(health(&[Red, Red, Green, Green, Red, Green, Red, Red]), (vec![1, 7], vec![3]));
    assert_eq!(health(&[Red, Amber, Red]), (vec![2], vec![]), "a rate limit is neither");
    assert_eq!(health(&[Red, Red, Green, Amber, Green]), (vec![1], vec![4]));
}

#[test]
fn an_alarm_needs_no_second_look_and_a_certificate_gets_it_soon() {
    use Light::{Alarm, Amber, Green, Red};
    assert_eq!(turns(Subject::AdminBoundary, &[Green, Alarm]), (vec![1], vec![]));
    assert_eq!(turns(Subject::Tls, &[Green, Amber, Amber]), (vec![2], vec![]));
    assert_eq!(turns(Subject::Tls, &[Red, Red, Green, Green]), (vec![1], vec![3]));
    let (soon, _) = row(Subject::Tls, &[Amber, Amber]);
    assert_eq!(soon.due.since(START), 2 * OFTEN);
    // It failed before it answered strangers: both are said, the second as another thing.
    let (_, said) = row(Subject::AdminBoundary, &[Red, Red, Alarm]);
    let fingerprints: Vec<&str> = said
        .iter()
        .flatten()
        .map(|signal| match signal {
            Signal::Firing(line) => line.fingerprint.as_str(),
            Signal::Over { fingerprint, .. } => fingerprint.as_str(),
        })
        .collect();
    assert_eq!(fingerprints, ["admin-boundary", "admin-boundary:alarm"]);
}

#[test]
fn what_is_said_names_the_first_failure_and_the_evidence() {
    let (now, said) = row(Subject::PublicHealth, &[Light::Green, Light::Red, Light::Red]);
    let Some(Signal::Firing(line)) = said[2].first() else { panic!("{said:?}") };
    assert_eq!(line.began, START.plus_ms(MINUTE_MS));
    assert_eq!(line.says, "Public health, 2 times in a row. It answered 503 instead of 200.");
    assert_eq!((line.severity, line.routes.as_str(), line.private), (Severity::Sev1, "all", false));
    assert_eq!((now.failures, now.since, now.down), (2, Some(line.began), true));
}

#[test]
fn each_check_is_made_as_often_as_the_documentation_says() {
    for subject in Subject::ALL {
        let (now, _) = row(subject, &[Light::Green]);
        let minutes = now.due.since(START) / MINUTE_MS;
        let want = match subject {
            Subject::PublicHealth | Subject::IdentityLive | Subject::IdentityReady => 1,
            Subject::Tls => 24 * 60,
            _ => 5,
        };
        assert_eq!(minutes, want, "{subject:?}");
        assert_eq!(Subject::named(subject.word()), Some(subject));
    }
    assert_eq!(Subject::named("the weather"), None);
}

#[test]
fn what_answers_strangers_is_private() {
    for subject in [Subject::ConsoleBoundary, Subject::AdminBoundary, Subject::LegacyConfig] {
        let (_, said) = row(subject, &[Light::Alarm]);
        let Some(Signal::Firing(line)) = said[0].first() else { panic!("{said:?}") };
        assert!(line.private && line.severity == Severity::Sev1 && line.says.starts_with("SECURITY ALARM"), "{line:?}");
    }
}
