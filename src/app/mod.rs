//! The application (F6): configuration, keys, wiring, telemetry, health, and what the program's commands do.
//!
//! It decides nothing about requests. Invariant: whatever can be wrong with the configuration is said at
//! once and as sentences, and no secret from it reaches a log, a message or an error.

pub mod audit;
pub mod catalog;
pub mod check;
pub mod clock;
pub mod commands;
pub mod config;
pub mod health;
pub mod incidents;
pub mod keys;
mod loops;
mod probes;
pub mod redact;
mod rooms;
pub mod run;
pub mod scan;
pub mod targets;
pub mod telemetry;
pub mod wiring;

pub use clock::{SystemClock, SystemIds};
pub use config::{Config, ConfigError, SecretSource, parse};
pub use wiring::{Bot, Seams, build};
