#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![doc = include_str!("architecture.md")]

pub mod app;
pub mod catalog;
pub mod clients;
pub mod commands;
pub mod engine;
pub mod guard;
pub mod incidents;
pub mod model;
pub mod platforms;
pub mod policy;
pub mod ports;
pub mod runbooks;
pub mod sandbox;
pub mod store;
