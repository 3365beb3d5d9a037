//! Arguments of a handler, checked where they are written.

use crate::transaction::Joined;

/// `Clone`, in our words when it is missing.
#[diagnostic::on_unimplemented(
    message = "`retry` runs the body again, and `{Self}` cannot be cloned for it [OBX-012]",
    label = "each attempt needs an argument of its own, and this type is not `Clone`",
    note = "derive `Clone` for it, take it by reference, or call a handler without `retry`"
)]
pub trait Again {
    /// One more.
    fn again(&self) -> Self;
}

impl<T: Clone> Again for T {
    fn again(&self) -> Self {
        self.clone()
    }
}

/// An argument.
pub struct Argument<'a, T>(pub &'a T);

impl<T> Argument<'_, T> {
    /// The same for one more attempt.
    pub fn again(&self) -> T
    where
        T: Again,
    {
        self.0.again()
    }
}

/// The caller's transaction, whose type an alias may hide.
pub fn joined<T: Joined>(tx: &mut T) -> &mut T::Same {
    tx.same()
}
