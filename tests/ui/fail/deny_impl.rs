//! `deny_raw!` of what is no type.
use outbox::deny_raw;

trait Publish {}

deny_raw!(impl Publish);

fn main() {}
