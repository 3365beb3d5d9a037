//! `&mut *tx` and `&mut **tx` as executors: not interchangeable, and sqlx says so in three errors without a remedy.
//!
//! Stands before the rewrite: what is wrong is told once and put right, so that nothing follows.

use proc_macro2::Ident;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, Pat, Type};

use crate::diagnostics::{ONE_DEREF, OWNED_DEREF, Sink, TWO_DEREFS};
use crate::guard::{Rebound, STATEMENTS, own_commits};
use crate::model::{Behind, Handler, parameters};

/// Checks the body of `handler`. Where a savepoint has the name of the transaction, nothing is known by syntax.
pub(crate) fn check(handler: &mut Handler, errors: &mut Sink) {
    own_commits(handler, errors);
    let Some(tx) = handler.tx.clone() else { return };
    let mut rebound = Rebound::default();
    rebound.visit_block(&handler.function.block);
    let Some((derefs, message)) = right(handler, &tx).filter(|_| !rebound.0.contains(&tx)) else { return };
    Derefs { tx, derefs, message, errors }.visit_block_mut(&mut handler.function.block);
}

/// How many times the handler's transaction has to be dereferenced, and what to say otherwise.
fn right(handler: &Handler, tx: &Ident) -> Option<(usize, &'static str)> {
    match handler.behind {
        Behind::Ours => Some((1, ONE_DEREF)),
        Behind::Theirs => Some((2, TWO_DEREFS)),
        Behind::Unknown => {
            let (_, parameter) = parameters(&handler.function).find(|(name, _)| *name == tx)?;
            let owned = match (&*parameter.ty, &*parameter.pat) {
                (Type::Path(path), Pat::Ident(pat)) if pat.by_ref.is_none() => {
                    path.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Transaction"))
                }
                _ => false,
            };
            owned.then_some((1, OWNED_DEREF))
        }
    }
}

struct Derefs<'a> {
    tx: Ident,
    derefs: usize,
    message: &'static str,
    errors: &'a mut Sink,
}

impl VisitMut for Derefs<'_> {
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}

    fn visit_expr_method_call_mut(&mut self, node: &mut syn::ExprMethodCall) {
        if STATEMENTS.iter().any(|name| node.method == name)
            && let Some(argument) = node.args.first_mut()
        {
            self.argument(argument);
        }
        visit_mut::visit_expr_method_call_mut(self, node);
    }
}

impl Derefs<'_> {
    fn argument(&mut self, argument: &mut Expr) {
        let (reference, count, inner) = parts(argument);
        if !matches!(inner, Expr::Path(path) if path.path.is_ident(&self.tx)) {
            return;
        }
        // `tx` itself is moved: an `&mut Tx` is an executor once.
        let wrong = match (reference, count) {
            (Some(false), _) => true,
            (Some(true), count) => count < self.derefs || (count > self.derefs && count < 3),
            (None, 0) => self.derefs == 2 || self.message == OWNED_DEREF,
            // By value it is no executor, and cannot be moved either.
            (None, _) => true,
        };
        if wrong {
            self.errors.at(inner, self.message);
            let inner = inner.clone();
            *argument =
                if self.derefs == 1 { syn::parse_quote!(&mut *#inner) } else { syn::parse_quote!(&mut **#inner) };
        }
    }
}

/// Of `&mut **tx`: whether the reference is `mut`, the number of `*`, and `tx`.
fn parts(argument: &Expr) -> (Option<bool>, usize, &Expr) {
    let (reference, mut inner) = match argument {
        Expr::Reference(reference) => (Some(reference.mutability.is_some()), &*reference.expr),
        other => (None, other),
    };
    let mut count = 0;
    loop {
        inner = match inner {
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => {
                count += 1;
                &unary.expr
            }
            Expr::Paren(paren) => &paren.expr,
            Expr::Group(group) => &group.expr,
            other => return (reference, count, other),
        };
    }
}
