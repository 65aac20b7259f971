//! The clients (F4): SEQN Auth, Authentik, OIDC discovery, health probes, reachability, the ways out for new keys, and the
//! surfaces that are told of incidents. Outside JSON is known here only.
//!
//! No decisions are here: who may do what is `policy`'s, what it means is the runbooks'.
//! Invariant: every call ends within a named deadline, with an answer or a `PortError`, and every text
//! that leaves this folder has been through the guard.

pub mod alertmanager;
mod answer;
mod authentik;
mod authentik_pages;
mod base;
mod handover;
mod http;
mod login;
#[cfg(test)]
mod loopback;
mod oidc;
mod probe;
mod reach;
mod routes;
mod seqn;
mod seqn_pages;
mod seqn_plan;
mod seqn_wire;
pub mod targets;
mod tls;
mod waits;

pub use answer::{Answer, Body};
pub use authentik::{AuthentikActor, AuthentikConfig, AuthentikReader, AuthentikRoster, RosterConfig};
pub use base::{BadConfig, Base};
pub use handover::{Command, FilePlace, Handover, HandoverConfig, Passing, RECIPIENTS_MOST, Recipient, Team, Way};
pub use http::{Ask, Credential, Deadlines, Wire};
pub use login::{BEGINS, CALLBACK, LoginConfig, OidcLogin};
pub use oidc::{OidcTrouble, check as check_oidc};
pub use probe::{ProbeConfig, Prober};
pub use reach::{Internet, Patience, Reacher};
pub use routes::{Found, RouteReport, RouteSetting, Routes, operations};
pub use seqn::{SeqnActor, SeqnConfig, SeqnReader, connect as connect_seqn};
