//! Checks of the options, with the function they are given for.

use syn::{Expr, FnArg, ItemFn, Lit, Type};

use super::parameters::bound;
use crate::args::Args;
use crate::diagnostics::{self as say, Sink};
use crate::names::last_name;

/// Options that are wrong by themselves, or that the form has no use for.
pub(super) fn check(function: &ItemFn, args: &Args, errors: &mut Sink) {
    if args.opens.is_some() {
        if let Some(savepoint) = &args.savepoint {
            errors.at(savepoint, say::SAVEPOINT_OPENS);
        }
    } else if !args.broken {
        let given = [
            (args.retry.as_ref().map(|(name, _)| name), say::RETRY_JOINS),
            (args.isolation.as_ref().map(|(name, _)| name), say::ISOLATION_JOINS),
            (args.independent.as_ref(), say::INDEPENDENT_JOINS),
        ];
        for (name, message) in given {
            if let Some(name) = name {
                errors.at(name, message);
            }
        }
    }
    if let Some((_, word)) = &args.isolation
        && !["serializable", "repeatable_read", "read_committed"].iter().any(|known| word == known)
    {
        errors.at(word, say::ISOLATION_UNKNOWN);
    }
    if let (Some((_, retries)), Some(_)) = (&args.retry, &args.opens) {
        let is_parameter =
            matches!(retries, Expr::Path(path) if bound(function).iter().any(|name| path.path.is_ident(name)));
        if is_parameter || never_a_number(retries) {
            errors.at(retries, say::RETRY_NUMBER);
        }
        if let Some(receiver) = by_value(function) {
            errors.at(receiver, say::RETRY_SELF);
        }
    }
}

/// Whether this is surely no `u32` from 1.
fn never_a_number(expr: &Expr) -> bool {
    match expr {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(int) => {
                !matches!(int.suffix(), "" | "u32") || !int.base10_parse::<u32>().is_ok_and(|retries| retries > 0)
            }
            _ => true,
        },
        Expr::Unary(_) | Expr::Closure(_) | Expr::Array(_) | Expr::Tuple(_) | Expr::Await(_) => true,
        Expr::Paren(paren) => never_a_number(&paren.expr),
        Expr::Group(group) => never_a_number(&group.expr),
        _ => false,
    }
}

/// The `self` of a receiver that the first attempt may use up. (An `Arc` is shared as long as nobody moves it.)
fn by_value(function: &ItemFn) -> Option<&syn::token::SelfValue> {
    let Some(FnArg::Receiver(receiver)) = function.sig.inputs.first() else { return None };
    let shared = match &receiver.kind {
        syn::ReceiverKind::Reference(..) => true,
        syn::ReceiverKind::Typed(_, ty) => {
            matches!(&**ty, Type::Reference(_)) || last_name(ty).is_some_and(|name| name == "Arc" || name == "Rc")
        }
        _ => false,
    };
    (!shared).then_some(&receiver.self_token)
}
