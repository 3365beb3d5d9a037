//! Names the error type of a handler whose return type may be an alias.

/// `Result`, also behind an alias.
#[diagnostic::on_unimplemented(
    message = "a `#[transactional_event]` handler returns a `Result`",
    label = "`Ok` commits, `Err` rolls back: this type can say neither",
    note = "return `Result<(), E>` with an error type that has `From<sqlx::Error>`"
)]
pub trait ResultLike {
    /// The error type.
    type Err;
}

impl<T, E> ResultLike for Result<T, E> {
    type Err = E;
}
