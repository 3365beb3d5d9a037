//! The guard against raw sends: is this receiver a Kafka producer, or something that derefs to one?
//!
//! `receiver.__outbox_ty().check()` finds [`Refuse::check`] by value when the type is [`Raw`], else [`Accept::check`] one
//! reference later. It stands in branches that never run.

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

/// A type that publishes to a broker.
pub trait Raw<V> {}

impl<T: Deref + ?Sized, V> Raw<ByDeref<V>> for T where T::Target: Raw<V> {}

/// The check of a producer.
pub trait Refuse<V>: Sized {
    /// Does not compile.
    fn check(self)
    where
        Self: InTransaction<V>,
    {
    }
}

impl<T: Raw<V> + ?Sized, V> Refuse<V> for Ty<T> {}

/// The check of anything else.
pub trait Accept {
    /// Says nothing.
    fn check(&self) {}
}

impl<T: ?Sized> Accept for Ty<T> {}

/// What no producer is.
#[diagnostic::on_unimplemented(
    message = "raw Kafka send inside a `#[transactional_event]` handler",
    label = "this publishes to Kafka outside the database transaction",
    note = "write `emit!(event)` instead: the event is stored by the handler's transaction and relayed after the commit"
)]
pub trait InTransaction<V> {}

// Without any impl rustc proposes to add one.
impl InTransaction<Direct> for Direct {}
