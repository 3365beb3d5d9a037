//! Where a statement may go: out of loops, into closures, one of two ways.

use proc_macro2::Ident;
use syn::{Label, Lifetime};

use super::Look;

/// A loop or a labelled block.
pub(super) struct Around {
    label: Option<Ident>,
    is_loop: bool,
    pub(super) left: bool,
}

impl Look<'_> {
    /// Visits what belongs to a loop, or to a labelled block.
    pub(super) fn inside(&mut self, label: Option<&Label>, is_loop: bool, visit: impl FnOnce(&mut Self)) -> Around {
        let label = label.map(|label| label.name.ident.clone());
        self.around.push(Around { label, is_loop, left: false });
        let before = self.emits.len();
        visit(self);
        self.many |= is_loop && self.emits.len() > before;
        self.around.pop().unwrap_or(Around { label: None, is_loop, left: true })
    }

    /// A `break` or `continue`: to somewhere inside of the statement, or a way out.
    pub(super) fn leaves(&mut self, label: Option<&Lifetime>, ends: bool) {
        let target = self.around.iter().rposition(|around| match label {
            Some(label) => around.label.as_ref() == Some(&label.ident),
            None => around.is_loop,
        });
        match target {
            Some(target) => {
                // `continue` ends the loops inside of its own.
                let from = target + usize::from(!ends);
                self.around.iter_mut().skip(from).for_each(|around| around.left = true);
            }
            None => self.breaks = true,
        }
    }

    /// Visits the body of a closure or an async block. Returns whether it emits.
    pub(super) fn closed(&mut self, asynchronous: bool, visit: impl FnOnce(&mut Self)) -> bool {
        let around = std::mem::take(&mut self.around);
        let outer = (self.closed, self.asynchronous);
        let before = self.emits.len();
        (self.closed, self.asynchronous) = (true, self.asynchronous || asynchronous);
        visit(self);
        (self.closed, self.asynchronous) = outer;
        self.around = around;
        let emits = self.emits.len() > before;
        // It borrows the transaction for as long as it lives.
        self.breaks |= emits && asynchronous;
        emits
    }

    /// The larger of the counts of two ways, of which one is gone.
    pub(super) fn either(&mut self, ways: impl IntoIterator<Item = impl FnOnce(&mut Self)>) {
        let before = self.count;
        let mut most = before;
        for way in ways {
            self.count = before;
            way(self);
            most = most.max(self.count);
        }
        self.count = most;
    }
}
