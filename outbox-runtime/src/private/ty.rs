//! The guard against raw sends: is this receiver a Kafka producer, or something that derefs to one?
//!
//! `receiver.__outbox_ty().__outbox_sends()` is found in this order: by value, in a trait that the handler itself
//! declares for the clients of its crate; one reference later, in [`Raw`]; behind a deref, in [`Unknown`]. So a type
//! may be known to all of them, and one error is all there is. It stands in branches that never run.

use std::marker::PhantomData;
use std::ops::Deref;

/// A type, as a value.
pub struct Ty<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> Ty<T> {
    /// Names `T`.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// The type of a place, without moving or capturing more than a method call does.
pub trait TyOf {
    /// The type of `self`.
    fn __outbox_ty(&self) -> Ty<Self> {
        Ty::new()
    }
}

impl<T: ?Sized> TyOf for T {}

/// Tag: the type itself publishes.
pub struct Direct;

/// Tag: the type derefs to one that does. Keeps the impls apart.
pub struct ByDeref<V>(PhantomData<V>);

/// Tag of the impls that a handler makes for one client of its crate.
pub struct Client<const N: usize, V>(PhantomData<V>);

/// Implemented for the [`Ty`] of what publishes to a broker. (Not for the type itself: `deny_raw!` implements it for
/// types and parameters of other crates.)
pub trait Raw<V>: Sized {
    /// For a call that publishes.
    fn __outbox_sends(&self) -> Found<Self> {
        Found::new()
    }

    /// For a type that a handler holds in its hands.
    fn __outbox_held(&self) -> Found<Self> {
        Found::new()
    }
}

impl<T: Deref + ?Sized, V> Raw<ByDeref<V>> for Ty<T> where Ty<T::Target>: Raw<V> {}

/// What nothing is known against.
pub struct Unknown;

impl<T: ?Sized> Deref for Ty<T> {
    type Target = Unknown;

    fn deref(&self) -> &Unknown {
        &Unknown
    }
}

impl Unknown {
    /// See [`Raw`].
    pub fn __outbox_sends(&self) -> Passed {
        Passed
    }

    /// See [`Raw`].
    pub fn __outbox_held(&self) -> Passed {
        Passed
    }
}

/// The judgement of anything else.
pub struct Passed;

impl Passed {
    /// Says nothing.
    pub fn __outbox_judge(self) {}
}

/// The judgement of a producer.
pub struct Found<X>(PhantomData<X>);

impl<X> Found<X> {
    /// Is about to be judged.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }

    /// Does not compile.
    pub fn __outbox_judge(self)
    where
        X: InTransaction,
    {
    }
}

/// What no producer is.
#[diagnostic::on_unimplemented(
    message = "raw Kafka send inside a `#[transactional_event]` handler [OBX-060]",
    label = "this publishes to Kafka outside the database transaction",
    note = "write `emit!(event)` instead: the event is stored by the handler's transaction and relayed after the commit"
)]
pub trait InTransaction {}

// Without any impl rustc proposes to add one.
impl InTransaction for Direct {}
