//! Names that patterns bind.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Expr, Local, Pat, PatIdent, Stmt};

/// The names in a pattern.
pub(crate) fn bound(pattern: &Pat) -> Vec<Ident> {
    let mut names = Names::default();
    names.visit_pat(pattern);
    names.0
}

/// The names that `statements` bind, in blocks and closures too: they may not mean the parameter any more.
pub(crate) fn rebound(statements: &[Stmt]) -> Vec<Ident> {
    let mut rebound = Rebound::default();
    statements.iter().for_each(|statement| rebound.visit_stmt(statement));
    rebound.0
}

/// `let x = x;`, as `#[async_trait]` writes it, is no other `x`.
pub(crate) fn same_name(local: &Local) -> bool {
    matches!((&local.pat, &local.init), (Pat::Ident(pat), Some(init))
        if init.diverge.is_none() && matches!(&*init.expr, Expr::Path(path) if path.path.is_ident(&pat.ident)))
}

#[derive(Default)]
struct Names(Vec<Ident>);

impl<'ast> Visit<'ast> for Names {
    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        self.0.push(node.ident.clone());
        visit::visit_pat_ident(self, node);
    }
}

#[derive(Default)]
struct Rebound(Vec<Ident>);

impl<'ast> Visit<'ast> for Rebound {
    fn visit_local(&mut self, node: &'ast Local) {
        if !same_name(node) {
            visit::visit_local(self, node);
        }
    }

    fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
        self.0.push(node.ident.clone());
        visit::visit_pat_ident(self, node);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}
