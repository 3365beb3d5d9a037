//! What a method can be called on: places, values, fields of values.

use syn::Expr;

/// Places: named a second time they cost and move nothing.
pub(super) fn is_place(expr: &Expr) -> bool {
    match expr {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        Expr::Index(index) => is_place(&index.expr) && is_plain_index(&index.index),
        Expr::Unary(unary) => matches!(unary.op, syn::UnOp::Deref(_)) && is_place(&unary.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        Expr::Group(group) => is_place(&group.expr),
        _ => false,
    }
}

/// Indices that mean the same in a branch that never runs.
pub(super) fn is_plain_index(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(_) => true,
        Expr::Reference(reference) => is_plain_index(&reference.expr),
        Expr::Binary(binary) => is_plain_index(&binary.left) && is_plain_index(&binary.right),
        Expr::Cast(cast) => is_plain_index(&cast.expr),
        Expr::MethodCall(call) => is_plain_index(&call.receiver) && call.args.iter().all(is_plain_index),
        other => is_place(other),
    }
}

/// Expressions whose value can be bound to a name and handed on. (Macros are not: nothing is known of them.)
pub(super) fn is_value(expr: &Expr) -> bool {
    match expr {
        Expr::Paren(paren) => is_value(&paren.expr),
        Expr::Group(group) => is_value(&group.expr),
        Expr::MethodCall(_) | Expr::Call(_) | Expr::Reference(_) | Expr::Await(_) | Expr::Try(_) => true,
        Expr::Block(_) | Expr::Unsafe(_) | Expr::If(_) | Expr::Match(_) | Expr::Verbatim(_) => true,
        _ => false,
    }
}

/// The value in `value.field[index]`.
pub(super) fn value_within(expr: &mut Expr) -> Option<&mut Expr> {
    if is_value(expr) {
        return Some(expr);
    }
    match expr {
        Expr::Field(field) => value_within(&mut field.base),
        Expr::Index(index) if is_plain_index(&index.index) => value_within(&mut index.expr),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => value_within(&mut unary.expr),
        Expr::Paren(paren) => value_within(&mut paren.expr),
        Expr::Group(group) => value_within(&mut group.expr),
        _ => None,
    }
}

/// Without `&` and brackets around it.
pub(super) fn peeled(expr: &Expr) -> &Expr {
    match expr {
        Expr::Reference(reference) => peeled(&reference.expr),
        Expr::Paren(paren) => peeled(&paren.expr),
        Expr::Group(group) => peeled(&group.expr),
        other => other,
    }
}

pub(super) fn peeled_mut(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::Reference(reference) => peeled_mut(&mut reference.expr),
        Expr::Paren(paren) => peeled_mut(&mut paren.expr),
        Expr::Group(group) => peeled_mut(&mut group.expr),
        other => other,
    }
}
