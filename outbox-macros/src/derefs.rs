//! `&mut *tx` and `&mut **tx` as executors: not interchangeable, and sqlx says so in three errors without a remedy.
//!
//! Stands before the rewrite: what is wrong is told once and put right, so that nothing follows.

use proc_macro2::Ident;
use syn::Expr;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};

use crate::diagnostics::{ONE_DEREF, Sink, TWO_DEREFS};
use crate::guard::{Rebound, own_commits};
use crate::model::{Behind, Handler};

/// Methods of sqlx that take an executor.
const STATEMENTS: [&str; 7] =
    ["execute", "execute_many", "fetch", "fetch_many", "fetch_all", "fetch_one", "fetch_optional"];

/// Checks the body of `handler`. Where a savepoint has the name of the transaction, nothing is known by syntax.
pub(crate) fn check(handler: &mut Handler, errors: &mut Sink) {
    own_commits(handler, errors);
    let Some(tx) = handler.tx.clone() else { return };
    let mut rebound = Rebound::default();
    rebound.visit_block(&handler.function.block);
    if handler.behind != Behind::Unknown && !rebound.0.contains(&tx) {
        Derefs { tx, behind: handler.behind, errors }.visit_block_mut(&mut handler.function.block);
    }
}

struct Derefs<'a> {
    tx: Ident,
    behind: Behind,
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
        let Expr::Reference(reference) = argument else { return };
        let Expr::Unary(outer) = &mut *reference.expr else { return };
        let mut count = 1;
        let mut inner = &*outer.expr;
        while let Expr::Unary(unary) = inner {
            count += 1;
            inner = &unary.expr;
        }
        let is_tx = matches!(inner, Expr::Path(path) if path.path.is_ident(&self.tx));
        let message = match (self.behind, count) {
            (Behind::Ours, 2) if is_tx => ONE_DEREF,
            (Behind::Theirs, 1) if is_tx => TWO_DEREFS,
            _ => return,
        };
        self.errors.at(inner, message);
        let inner = inner.clone();
        *outer.expr = if count == 1 { syn::parse_quote!(*#inner) } else { inner };
    }
}
