//! Slack, from the wire inwards and outwards; with a tiny Slack of our own on loopback.

mod note;
mod read;
mod render;
mod rooms;
mod send;
mod server;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use crate::guard::{FingerprintKey, Guard, Secret};
use crate::model::Millis;
use crate::ports::Clock;

use super::stream::Pace;
use super::{Slack, SlackConfig};

const TEAM: &str = "T0";
const BOT_USER: &str = "U0BOT";

struct Still;

impl Clock for Still {
    fn now(&self) -> Millis {
        Millis(1_000)
    }
}

fn guard() -> Guard {
    Guard::new(FingerprintKey::new([7; 32]))
}

/// Every wait short enough for a test, and long enough for a busy machine.
fn quick() -> Pace {
    let ms = Duration::from_millis;
    Pace {
        open: ms(5_000),
        handshake: ms(5_000),
        hello: ms(5_000),
        ping: ms(100),
        silence: ms(10_000),
        write: ms(500),
        door: ms(1_500),
        linger: ms(50),
        drain: ms(3_000),
        first: ms(20),
        most: ms(50),
        slow: ms(200),
        steady: ms(50),
    }
}

fn slack_at(api_base: &str) -> Arc<Slack> {
    slack_with(api_base, quick())
}

fn slack_with(api_base: &str, pace: Pace) -> Arc<Slack> {
    let config = SlackConfig {
        api_base: api_base.to_owned(),
        team: TEAM.to_owned(),
        bot_token: Secret::new("bot-token-of-a-test"),
        app_token: Secret::new("app-token-of-a-test"),
        admin_token: None,
        sockets: 2,
        note_emoji: "pushpin".to_owned(),
    };
    Slack::paced_by(config, guard(), Arc::new(Still), pace).expect("a valid configuration")
}
