//! Discord's tests: events in, bodies out, and the gateway against a tiny server on loopback.

mod gateway;
mod note;
mod reading;
mod rendering;
mod saying;
