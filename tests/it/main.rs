//! The integration tests: one binary, a module for each kind of test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may stop")]

mod alerts;
mod canaries;
mod contracts;
mod discord_automod;
mod discord_guard;
mod discord_rooms;
mod discord_wire;
mod drill;
mod engine_histories;
mod every_action;
mod folder;
mod generated;
mod guard_bytes;
mod guard_laws;
mod guard_oracle;
mod guard_sets;
mod guard_tables;
mod histories;
mod house;
mod laws;
mod looks;
mod next_steps;
mod online;
mod picture;
mod process;
mod redact;
mod scan;
mod slack_guard;
mod slack_rooms;
mod slack_wire;
mod specs;
mod stories;
mod surface_hour;
mod targets;
mod tls;
