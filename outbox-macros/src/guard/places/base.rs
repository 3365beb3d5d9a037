//! What an expression refers to: a place below a parameter.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Expr, Member};

use super::Roots;
use crate::guard::receivers::{is_place, is_plain_index};

/// A place below a parameter.
pub(in crate::guard) struct Base {
    pub(in crate::guard) tokens: TokenStream,
    /// The name it begins with.
    pub(in crate::guard) root: Ident,
    /// Its last name.
    pub(in crate::guard) last: Span,
    /// It begins with a name that the body gave to something below a parameter.
    pub(in crate::guard) local: bool,
}

impl Roots {
    /// What `expr` refers to, without `&`, `*`, `.clone()` and the like around it, if that comes from a parameter.
    pub(in crate::guard) fn base(&self, expr: &Expr) -> Option<Base> {
        match expr {
            Expr::Reference(reference) => self.base(&reference.expr),
            Expr::Paren(paren) => self.base(&paren.expr),
            Expr::Group(group) => self.base(&group.expr),
            Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => self.base(&unary.expr),
            Expr::MethodCall(call) if call.args.is_empty() && call.turbofish.is_none() => {
                let base = self.base(&call.receiver)?;
                if POINTERS.iter().any(|name| call.method == name) {
                    Some(base)
                } else if call.method == "unwrap" {
                    Some(Base { tokens: expr.to_token_stream(), ..base })
                } else if names_a_pool(&call.method) {
                    Some(Base { tokens: expr.to_token_stream(), last: call.method.span(), ..base })
                } else {
                    None
                }
            }
            Expr::MethodCall(call) if call.method == "expect" && matches!(call.args.first(), Some(Expr::Lit(_))) => {
                let base = self.base(&call.receiver)?;
                Some(Base { tokens: expr.to_token_stream(), ..base })
            }
            // `Arc::clone(&self.pool)`
            Expr::Call(call) => match (&*call.func, call.args.first()) {
                (Expr::Path(path), Some(only)) if call.args.len() == 1 => {
                    let last = path.path.segments.last()?;
                    let pointer = path.path.segments.len() > 1 && POINTERS.iter().any(|name| last.ident == name);
                    if pointer { self.base(only) } else { None }
                }
                _ => None,
            },
            Expr::Field(field) => {
                let base = self.base(&field.base)?;
                let last = match &field.member {
                    Member::Named(name) => name.span(),
                    Member::Unnamed(index) => index.span,
                };
                Some(Base { tokens: expr.to_token_stream(), last, ..base })
            }
            Expr::Index(index) if is_place(&index.expr) && is_plain_index(&index.index) => {
                let base = self.base(&index.expr)?;
                Some(Base { tokens: expr.to_token_stream(), ..base })
            }
            Expr::Path(path) => {
                let name = path.path.get_ident().filter(|name| self.leads(name))?;
                Some(Base {
                    tokens: name.to_token_stream(),
                    root: name.clone(),
                    last: name.span(),
                    local: self.parameter(name).is_none(),
                })
            }
            _ => None,
        }
    }
}

/// Methods without arguments whose result leads to the same thing.
pub(in crate::guard) const POINTERS: [&str; 9] =
    ["as_ref", "as_mut", "clone", "deref", "deref_mut", "borrow", "borrow_mut", "to_owned", "by_ref"];

/// Getters that can be expected to be about a database. What they return is decided by its type.
fn names_a_pool(name: &Ident) -> bool {
    let name = name.to_string();
    ["pool", "db", "conn", "database", "pg", "sql", "reader", "writer", "replica", "primary", "executor"]
        .iter()
        .any(|part| name.contains(part))
}
