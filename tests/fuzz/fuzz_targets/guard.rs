//! The fuzzer's door to the checks. It needs a nightly toolchain: see `tests/fuzz/Cargo.toml`.
#![no_main]

use std::sync::OnceLock;

#[path = "../body.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    static GUARD: OnceLock<seqn_chatops::guard::Guard> = OnceLock::new();
    body::check(GUARD.get_or_init(body::guard), bytes);
});
