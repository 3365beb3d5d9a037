//! Why a relay ends without being asked to.

use crate::store::StoreError;

/// An error that waiting does not mend.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// The store needs a person.
    #[error("the relay stopped, nothing is lost: {0}")]
    Store(#[from] StoreError),

    /// A task of the relay panicked.
    #[error(
        "the relay stopped because a task of it panicked ({what}); nothing is lost: start it again, please report it [OBX-129]"
    )]
    Panicked {
        /// What the runtime said.
        what: String,
    },
}
