//! The walk through a body: which places are recorded.

use syn::visit::{self, Visit};
use syn::{Expr, Macro};

use super::Mentions;
use super::conditional::{attributes, conditional};
use super::path::{getter, path};
use super::tokens::not_followed_by_a_field;
use crate::guard::address;
use crate::macros;

impl<'ast> Visit<'ast> for Mentions<'_> {
    // A macro of the handler's own names what is in scope here.
    fn visit_item(&mut self, node: &'ast syn::Item) {
        if let syn::Item::Macro(item) = node {
            self.visit_macro(&item.mac);
        }
    }

    fn visit_expr_unsafe(&mut self, _: &'ast syn::ExprUnsafe) {}

    fn visit_local(&mut self, node: &'ast syn::Local) {
        if !conditional(&node.attrs) {
            if let Some(init) = &node.init {
                self.carry(&[&node.pat], &init.expr);
            }
            visit::visit_local(self, node);
        }
    }

    fn visit_expr_let(&mut self, node: &'ast syn::ExprLet) {
        self.carry(&[&node.pat], &node.expr);
        visit::visit_expr_let(self, node);
    }

    fn visit_expr_for_loop(&mut self, node: &'ast syn::ExprForLoop) {
        self.carry(&[&node.pat], &node.expr);
        visit::visit_expr_for_loop(self, node);
    }

    fn visit_expr_match(&mut self, node: &'ast syn::ExprMatch) {
        let patterns: Vec<_> = node.arms.iter().map(|arm| &arm.pat).collect();
        self.carry(&patterns, &node.expr);
        visit::visit_expr_match(self, node);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        if !conditional(&node.attrs) {
            visit::visit_arm(self, node);
        }
    }

    fn visit_field_value(&mut self, node: &'ast syn::FieldValue) {
        if !conditional(&node.attrs) {
            visit::visit_field_value(self, node);
        }
    }

    fn visit_stmt_macro(&mut self, node: &'ast syn::StmtMacro) {
        if !conditional(&node.attrs) {
            visit::visit_stmt_macro(self, node);
        }
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        if conditional(attributes(node)) {
            return;
        }
        let mut fields = Vec::new();
        match path(node, &mut fields) {
            Some(root) if self.roots.parameter(root).is_some() => {
                let carried = self.carried.contains(&address(node));
                self.record(root, &fields, None, carried);
                // What only looks like a getter may be a method of a publisher.
                if let Some(receiver) = getter(node) {
                    self.visit_expr(receiver);
                }
            }
            _ => visit::visit_expr(self, node),
        }
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        let is_emit = macros::is_emit(&node.path);
        match if is_emit { macros::expressions(node) } else { macros::arguments(node) } {
            Some(arguments) => arguments.iter().for_each(|argument| self.visit_expr(argument)),
            None => {
                let tokens: Vec<_> = node.tokens.clone().into_iter().collect();
                let mut rebound = Vec::new();
                not_followed_by_a_field(&tokens, &mut rebound);
                self.tokens(&tokens, &rebound);
            }
        }
    }
}
