//! Names that a body gives to places below its parameters.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprForLoop, ExprLet, ExprMatch, Local, Pat, Stmt};

use super::{Alias, ITERATORS, Names, Roots, same_name};

/// Finds `let pool = &self.pool`, `let App { pool, .. } = app`, `if let Some(pool) = &app.pool`, `match app.pool { … }`.
pub(super) struct Aliases<'a> {
    pub(super) rebound: &'a [Ident],
    pub(super) parameters: Vec<Ident>,
    pub(super) found: Vec<Alias>,
}

impl Aliases<'_> {
    /// The patterns bind parts of `value`.
    fn bind_parts(&mut self, patterns: &[&Pat], value: &Expr) {
        let from = self.found.len();
        self.bind(patterns, value);
        for alias in self.found.iter_mut().skip(from) {
            (alias.parameter, alias.place) = (None, None);
        }
    }

    fn bind_typed(&mut self, pattern: &Pat, value: &Expr) {
        let from = self.found.len();
        self.bind(&[pattern], value);
        self.found.iter_mut().skip(from).for_each(|alias| alias.parameter = None);
    }

    fn bind(&mut self, patterns: &[&Pat], value: &Expr) {
        let count =
            |names: &mut dyn Iterator<Item = &Ident>, name: &Ident| names.filter(|other| *other == name).count();
        let settled = |name: &Ident| {
            let aliased = count(&mut self.found.iter().map(|alias| &alias.name), name);
            count(&mut self.rebound.iter(), name) == aliased
        };
        // `let pool = pool.clone()`: on the right, it is still the parameter.
        let here =
            |name: &Ident| patterns.iter().any(|pattern| matches!(pattern, Pat::Ident(pat) if pat.ident == *name));
        let known = Roots {
            parameters: self.parameters.iter().filter(|name| settled(name) || here(name)).cloned().collect(),
            aliases: self.found.iter().filter(|alias| settled(&alias.name)).cloned().collect(),
            bound: Vec::new(),
        };
        let exact = known.base(value);
        let is_exact = exact.is_some();
        let Some(base) = exact.or_else(|| ways(value).into_iter().find_map(|way| known.base(way))) else { return };
        let parameter = match value {
            Expr::Path(path) => path.path.get_ident().and_then(|name| known.parameter(name)),
            _ => None,
        };
        for pattern in patterns {
            let mut names = Names::default();
            names.visit_pat(pattern);
            let whole = matches!(pattern, Pat::Ident(_));
            self.found.extend(names.0.into_iter().map(|name| Alias {
                name,
                parameter: parameter.clone().filter(|_| whole),
                place: (whole && is_exact).then(|| base.tokens.to_string()),
                root: base.root.clone(),
            }));
        }
    }
}

impl<'ast> Visit<'ast> for Aliases<'_> {
    fn visit_local(&mut self, node: &'ast Local) {
        visit::visit_local(self, node);
        if let (Some(init), false) = (&node.init, same_name(node)) {
            match &node.pat {
                // Perhaps it is coerced on the way, to the connection of a transaction.
                Pat::Type(typed) => self.bind_typed(&typed.pat, &init.expr),
                pattern => self.bind(&[pattern], &init.expr),
            }
        }
    }

    fn visit_expr_let(&mut self, node: &'ast ExprLet) {
        visit::visit_expr_let(self, node);
        self.bind(&[&node.pat], &node.expr);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast ExprForLoop) {
        let all = match &*node.expr {
            Expr::MethodCall(call) if call.args.is_empty() && ITERATORS.iter().any(|name| call.method == name) => {
                &call.receiver
            }
            _ => &node.expr,
        };
        let element: &[&Pat] = &[&node.pat];
        self.bind_parts(element, all);
        visit::visit_expr_for_loop(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast ExprMatch) {
        visit::visit_expr_match(self, node);
        let patterns: Vec<_> = node.arms.iter().map(|arm| &arm.pat).collect();
        self.bind(&patterns, &node.expr);
    }

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// The values that one of several ways gives: `if spare { &app.spare } else { &app.main }`.
fn ways(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Paren(node) => ways(&node.expr),
        Expr::Reference(node) => ways(&node.expr),
        Expr::Block(node) => tail(&node.block),
        Expr::If(node) => {
            let other = node.else_branch.iter().flat_map(|(_, other)| ways(other));
            tail(&node.then_branch).into_iter().chain(other).collect()
        }
        Expr::Match(node) => node.arms.iter().flat_map(|arm| ways(&arm.body)).collect(),
        other => vec![other],
    }
}

fn tail(block: &Block) -> Vec<&Expr> {
    match block.stmts.last() {
        Some(Stmt::Expr(value, None)) => ways(value),
        _ => Vec::new(),
    }
}
