//! What the look at a receiver from outside means: reachable, its certificate, or why it was not asked.
//!
//! Pure. Invariant: of an address that is not public only its kind is said, and where nothing was asked nothing is said
//! to be well or broken there.

use url::Url;

use crate::model::{MINUTE_MS, Millis};
use crate::ports::{Reach, Reached, Unfit};

use super::super::card::Card;
use super::super::words::count;

/// A certificate with fewer whole days left should be renewed now (facts 3.7).
const DAYS_FEW: i64 = 14;

/// An address without a user name and a password, to be shown.
pub(super) fn plain(address: &str) -> String {
    match address.parse::<Url>() {
        Ok(mut url) if !url.username().is_empty() || url.password().is_some() => {
            let bare = url.set_username("").and_then(|()| url.set_password(None));
            bare.map_or_else(|()| "an address that is not shown".to_owned(), |()| url.to_string())
        }
        _ => address.to_owned(),
    }
}

/// What is said of one host, and of the endpoints that are there.
pub(super) fn judge(card: &mut Card, now: Millis, endpoints: &str, reach: &Reach) {
    let host = if reach.host.is_empty() { "The address" } else { &reach.host };
    let of = format!("{host} ({endpoints})");
    let when = if now.since(reach.at) < MINUTE_MS && now != reach.at {
        format!(" That was looked at {} s ago; a host is asked once a minute.", now.since(reach.at) / 1_000)
    } else {
        String::new()
    };
    match &reach.found {
        Reached::Unfit(unfit) => not_asked(card, &of, *unfit),
        Reached::Answered { status, days } => {
            answered(card, &of, *status, &when);
            certificate(card, &of, *days);
        }
        Reached::BadCertificate(why) => card.wrong(
            format!("{of} does not prove who it is. {why}{when}"),
            "the customer puts that right: nothing should be delivered over a certificate that is not accepted.",
        ),
        Reached::NoTls => card.wrong(
            format!("{of} takes a connection on port 443 and does not speak TLS.{when}"),
            "the customer gives the receiver a certificate, or an address where one is.",
        ),
        Reached::NoName => card.wrong(
            format!("The name {of} has no address.{when}"),
            "the customer mends the endpoint's address, or the name in the DNS.",
        ),
        Reached::NoConnection => card.wrong(
            format!("{of} takes no connection on port 443 from here.{when}"),
            "the customer looks whether the receiver runs, and whether a firewall keeps strangers out.",
        ),
        Reached::Silent => card.wrong(
            format!("{of} takes a connection, and gives no answer in time.{when}"),
            "the customer looks into the receiver's log: it must answer within seconds.",
        ),
        Reached::Unresolved => {
            card.unseen(format!("Whether {of} can be reached: the name was not resolved in time, which may be us."));
        }
        Reached::Crowded => card.unseen(format!(
            "Whether {of} can be reached: too many hosts were asked within a minute. Ask again in one."
        )),
    }
}

fn answered(card: &mut Card, of: &str, status: u16, when: &str) {
    match status {
        300..=399 => card.wrong(
            format!("{of} answers with a redirect ({status}), which no delivery follows.{when}"),
            "the customer gives the endpoint the last address of that way.",
        ),
        500..=599 => card.wrong(
            format!("{of} can be reached, and fails ({status}).{when}"),
            "the customer looks into the receiver's log at this time.",
        ),
        404 | 410 => card.wrong(
            format!("{of} can be reached, and knows no such path ({status}).{when}"),
            "the customer mends the path of the endpoint's address.",
        ),
        // A receiver need not know HEAD: that it answers is what was asked.
        _ => card.well(format!("{of} can be reached from here: it answers HEAD with {status}.{when}")),
    }
}

fn certificate(card: &mut Card, of: &str, days: Option<i64>) {
    match days {
        None => card.unseen(format!("How long the certificate of {of} is good: it could not be read.")),
        Some(days) if days < DAYS_FEW => card.wrong(
            format!("The certificate of {of} ends in {}.", count(usize::try_from(days).unwrap_or(0), "day")),
            "the customer renews it before then, or deliveries stop.",
        ),
        Some(days) => card.well(format!("The certificate of {of} is accepted, and good for {days} days.")),
    }
}

fn not_asked(card: &mut Card, of: &str, unfit: Unfit) {
    let (what, next) = match unfit {
        Unfit::Range(range) => (
            format!(
                "{of} leads to {range}. I do not ask such an address, and events must not be sent there: it is a way \
                 into somebody's own network."
            ),
            "the customer gives a public address. If nobody there knows why it is so, tell the security people.",
        ),
        Unfit::InnerName => (
            format!("{of} is a name of somebody's own network. I do not ask it, and SEQN Auth cannot reach it."),
            "the customer gives a name that is known to everybody.",
        ),
        Unfit::Credentials => (
            format!("The address of {of} carries a user name or a password. I do not ask it."),
            "the customer takes them out and replaces them: they are in every log. The signature proves the sender.",
        ),
        Unfit::Port => {
            let what = format!("Whether {of} can be reached: I ask port 443 only. A person of the customer looks.");
            return card.unseen(what);
        }
        Unfit::NotHttps => return,
        Unfit::NoAddress => {
            (format!("The address of {of} cannot be read as one."), "the customer writes it anew, from https:// on.")
        }
    };
    card.wrong(what, next);
}

#[cfg(test)]
mod tests {
    use crate::model::Block;

    use super::*;

    fn said(found: Reached) -> (Vec<String>, Vec<String>) {
        let mut card = Card::default();
        let reach = Reach { host: "hooks.acme.example".into(), at: Millis(1_000), found };
        judge(&mut card, Millis(31_000), "wh_orders", &reach);
        let plan = card.answer("wrong", "well");
        let (mut wrong, mut other) = (Vec::new(), Vec::new());
        for block in plan.blocks {
            match block {
                Block::Items { heading, items } if heading == "What is wrong" => wrong.extend(items),
                Block::Items { items, .. } => other.extend(items),
                _ => {}
            }
        }
        (wrong, other)
    }

    #[test]
    fn what_keeps_events_away_is_wrong_and_has_a_next_step() {
        for (found, part) in [
            (Reached::Unfit(Unfit::Range("a private network (10.0.0.0/8)")), "leads to a private network"),
            (Reached::Unfit(Unfit::InnerName), "somebody's own network"),
            (Reached::Unfit(Unfit::Credentials), "user name or a password"),
            (Reached::Unfit(Unfit::NoAddress), "cannot be read"),
            (Reached::BadCertificate("Its certificate has expired."), "Its certificate has expired."),
            (Reached::NoTls, "does not speak TLS"),
            (Reached::NoName, "has no address"),
            (Reached::NoConnection, "takes no connection"),
            (Reached::Silent, "no answer in time"),
            (Reached::Answered { status: 302, days: Some(40) }, "redirect (302)"),
            (Reached::Answered { status: 503, days: Some(40) }, "fails (503)"),
            (Reached::Answered { status: 404, days: Some(40) }, "no such path (404)"),
            (Reached::Answered { status: 405, days: Some(1) }, "ends in 1 day."),
        ] {
            let (wrong, _) = said(found.clone());
            assert_eq!(wrong.len(), 1, "{found:?}: {wrong:?}");
            assert!(wrong[0].contains(part) && wrong[0].contains(" Next: "), "{found:?}: {wrong:?}");
        }
    }

    #[test]
    fn an_address_is_shown_without_who_may_use_it() {
        let hidden = plain("https://jo:pw@hooks.acme.example/seqn?k=v");
        assert_eq!(hidden, "https://hooks.acme.example/seqn?k=v");
        assert_eq!(plain("not an address"), "not an address");
    }

    #[test]
    fn what_was_not_asked_is_neither_wrong_nor_well() {
        for found in [Reached::Unresolved, Reached::Crowded, Reached::Unfit(Unfit::Port)] {
            let (wrong, other) = said(found.clone());
            assert!(wrong.is_empty() && other.len() == 1, "{found:?}: {other:?}");
            assert!(other[0].starts_with("Whether "), "{other:?}");
        }
    }

    #[test]
    fn a_receiver_that_answers_is_well_whatever_it_thinks_of_head() {
        for status in [200, 204, 400, 401, 403, 405, 429] {
            let (wrong, other) = said(Reached::Answered { status, days: Some(40) });
            assert!(wrong.is_empty() && other.len() == 2, "{status}: {wrong:?}");
            assert!(other[0].contains("looked at 30 s ago"), "{other:?}");
        }
    }
}
