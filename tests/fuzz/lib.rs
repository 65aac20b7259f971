//! The guard alone, so that the fuzzer is built in seconds. It has the crate's name: the checks are the same.

#[path = "../../src/guard/mod.rs"]
pub mod guard;
