//! The body of the test that `#[event(schema_lock)]` writes: itself, or what is missing for it.

/// Hands the test's body on.
#[cfg(feature = "schema")]
#[doc(hidden)]
#[macro_export]
macro_rules! __outbox_schema_lock {
    ($($body:tt)*) => { $($body)* };
}

/// Says what is missing.
#[cfg(not(feature = "schema"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __outbox_schema_lock {
    ($($body:tt)*) => {
        ::core::compile_error!(
            "`#[event(schema_lock)]` needs the feature `schema` of `outbox`; add `outbox = { …, features = [\"schema\"] }` to the dev-dependencies [OBX-059]"
        )
    };
}

#[doc(hidden)]
pub use crate::__outbox_schema_lock as schema_lock;
