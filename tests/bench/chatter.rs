//! Ordinary text, made up the same way each time: chat, code and logs, without any secret.
//!
//! It measures nothing. The same number makes the same text.

/// Words of a support team's day.
const WORDS: [&str; 48] = [
    "the",
    "session",
    "customer",
    "says",
    "that",
    "login",
    "fails",
    "since",
    "this",
    "morning",
    "can",
    "you",
    "look",
    "at",
    "logs",
    "I",
    "think",
    "it",
    "is",
    "cookie",
    "again",
    "token",
    "expired",
    "and",
    "retry",
    "works",
    "on",
    "staging",
    "but",
    "not",
    "in",
    "production",
    "please",
    "revoke",
    "old",
    "key",
    "before",
    "lunch",
    "thanks",
    "webhook",
    "signature",
    "mismatch",
    "deploy",
    "was",
    "rolled",
    "back",
    "ticket",
    "SUP-1234",
];
/// Lines of code with a place for a number.
const CODE: [&str; 6] = [
    "    let session = store.session(&id, {}).await?.ok_or(Error::NotFound)?; // see the runbook\n",
    "if (request.headers[\"x-request-id\"] === undefined) { return reply.status({}).send(body); }\n",
    "def rotate(project: Project, *, dry_run: bool = True) -> Key:  # noqa: E{}\n",
    "SELECT id, email, last_seen FROM sessions WHERE org = $1 AND revoked_at IS NULL LIMIT {};\n",
    "    assert_eq!(parse(\"key = value # {}\"), Ok((\"key\", \"value\")));\n",
    "  \"integrity\": \"sha512-{}\", \"resolved\": \"https://registry.example/pkg.tgz\",\n",
];
/// Lines of logs with a place for a number.
const LOGS: [&str; 5] = [
    "2026-11-02T09:00:00.123Z INFO http.request method=GET path=/v1/sessions status={} duration_ms=12 user=usr_81\n",
    "[2026-11-02 09:00:00] production.WARNING: retrying upstream in {} ms {\"attempt\":3,\"host\":\"10.0.3.7\"}\n",
    "Nov  2 09:00:00 node-3 kernel: [{}.123456] eth0: link up, 1000 Mbps, full duplex\n",
    "at com.example.auth.SessionFilter.doFilter(SessionFilter.java:{}) ~[auth-4.2.0.jar!/:4.2.0]\n",
    "trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7 level=debug msg=\"cache hit\" n={}\n",
];

/// A sequence of numbers (SplitMix64).
pub struct Dice(u64);

impl Dice {
    /// The sequence of that seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `below`.
    pub fn below(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % below.max(1) as u64).unwrap_or(0)
    }
}

/// A chat message of exactly so many bytes.
pub fn message(dice: &mut Dice, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text.push_str(WORDS[dice.below(WORDS.len())]);
        text.push_str(match dice.below(12) {
            0 => ". ",
            1 => ", ",
            _ => " ",
        });
    }
    text.truncate(bytes);
    text
}

/// Lines of chat, code and logs by turns, at least so many bytes.
pub fn bulk(bytes: usize) -> String {
    let mut dice = Dice::new(11);
    let mut text = String::with_capacity(bytes + 512);
    while text.len() < bytes {
        let number = dice.below(1_000_000).to_string();
        match dice.below(3) {
            0 => {
                let length = 40 + dice.below(160);
                text.push_str(&message(&mut dice, length));
                text.push('\n');
            }
            1 => text.push_str(&CODE[dice.below(CODE.len())].replacen("{}", &number, 1)),
            _ => text.push_str(&LOGS[dice.below(LOGS.len())].replacen("{}", &number, 1)),
        }
    }
    text
}
