//! Story files: who types, presses and submits; faults; what is expected. Played against a desk.
//!
//! A line is one act. After each act everything that is due is done, unless the line starts with
//! `quietly`. Invariant: the same story with the same seed prints the same transcript.

mod expect;
mod fill;
mod parse;
mod play;

pub use parse::{Act, BadLine, Line, parse, plays};
pub use play::{Player, play};
