//! Literals, behind the groups that `macro_rules!` puts around them.

use syn::{Expr, Lit, LitInt, LitStr};

/// The expression without the invisible groups that `macro_rules!` puts around its arguments.
pub(in crate::derive) fn inner(mut value: &Expr) -> &Expr {
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

/// The literal text that `value` is.
pub(in crate::derive) fn text(value: &Expr) -> Option<LitStr> {
    match inner(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The literal number that `value` is.
pub(in crate::derive) fn number(value: &Expr) -> Option<LitInt> {
    match inner(value) {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) => Some(number.clone()),
            _ => None,
        },
        _ => None,
    }
}
