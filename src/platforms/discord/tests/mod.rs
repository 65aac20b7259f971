//! Discord's tests: events in, bodies out, and the gateway against a tiny server on loopback.

mod gateway;
mod reading;
mod rendering;
mod saying;
