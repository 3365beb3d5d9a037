//! Every form of a handler in edition 2021, under `#![deny(warnings, clippy::pedantic)]`: what the macros write compiles
//! in the user's edition and is held to the user's lints.
#![deny(warnings, clippy::pedantic)]

pub mod axum_handlers;
pub mod hostile;
pub mod joins;
pub mod opens;

use outbox::Event;

/// An account was opened.
#[derive(serde::Serialize, Event)]
#[event(name = "bank.opened", version = 1, topic = "bank.accounts", key = account)]
pub struct Opened {
    /// Which.
    pub account: i64,
}

/// Not in any prelude of this edition.
fn is_send<T: Send>(_: &T) {}

/// The handlers' futures are `Send` here too.
pub fn futures_are_send(service: &opens::Service, pool: &sqlx::PgPool) {
    is_send(&service.open(1));
    is_send(&opens::function(pool, &[1]));
    is_send(&hostile::handler(pool));
}
