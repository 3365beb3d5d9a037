//! `deny_raw!` without a type.
use outbox::deny_raw;

deny_raw!();

fn main() {}
