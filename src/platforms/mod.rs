//! The platforms (F4): Slack, Discord and the console. Each SDK stays in its own folder.

pub mod console;
pub mod discord;
mod download;
pub mod slack;
