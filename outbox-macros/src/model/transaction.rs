//! Which name of a handler is its transaction, and what that refers to.

use syn::{Ident, ItemFn, Pat, Type};

use super::parameters::{bound, parameters};
use crate::args::Opens;
use crate::diagnostics::{self as say, Sink};
use crate::names::last_name;

/// What the name of the transaction refers to, as written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// `&mut outbox::Tx`: `&mut *tx` is an executor.
    Ours,
    /// `&mut sqlx::Transaction`: `&mut **tx` is one.
    Theirs,
    /// An alias, or an owned transaction.
    Unknown,
}

/// The name that the transaction of `tx = EXPR` has, if no parameter has it.
pub(super) fn opened(opens: &Opens, function: &ItemFn, errors: &mut Sink) -> Option<Ident> {
    match bound(function).into_iter().find(|name| *name == opens.tx) {
        Some(name) => {
            errors.at(name, say::TX_TWICE);
            None
        }
        None => Some(opens.tx.clone()),
    }
}

/// A parameter `tx`.
pub(super) fn named(function: &ItemFn) -> Option<Ident> {
    parameters(function).find(|(name, _)| *name == "tx").map(|(name, _)| name.clone())
}

/// The parameter that is the transaction.
pub(super) fn joined(function: &ItemFn, errors: &mut Sink) -> (Option<Ident>, Behind) {
    let all: Vec<_> = parameters(function).collect();
    let by_type: Vec<_> = all.iter().filter(|(_, parameter)| kind(&parameter.ty) == Kind::Transaction).collect();
    // The sending half of a channel is often called so too.
    let named = all.iter().find(|(name, parameter)| *name == "tx" && !is_sender(&parameter.ty));
    let (name, parameter) = match (named, &by_type[..]) {
        (Some(named), _) => named,
        (None, [one]) => one,
        (None, [_, (second, _), ..]) => {
            errors.at(second, say::TWO_TX);
            return (None, Behind::Unknown);
        }
        (None, []) => {
            // In a pattern: its type is not written.
            let plain = all.iter().any(|(name, _)| *name == "tx");
            if let Some(name) = bound(function).into_iter().find(|name| !plain && name == "tx") {
                return (Some(name), Behind::Unknown);
            }
            errors.at(&function.sig.ident, say::NO_TX);
            return (None, Behind::Unknown);
        }
    };
    match kind(&parameter.ty) {
        Kind::Pool => errors.at(last_name(&parameter.ty), say::POOL_AS_TX),
        Kind::Connection => errors.at(last_name(&parameter.ty), say::CONNECTION_AS_TX),
        Kind::Other if is_executor(&function.sig.generics, &parameter.ty) => {
            errors.at(&parameter.ty, say::EXECUTOR_AS_TX);
        }
        Kind::Transaction | Kind::Other if is_shared(&parameter.ty) => errors.at(&parameter.ty, say::TX_SHARED),
        Kind::Transaction if !matches!(&*parameter.ty, Type::Reference(_)) => {
            if let Pat::Ident(pat) = &*parameter.pat
                && pat.mutability.is_none()
            {
                errors.at(pat, say::TX_NOT_MUT);
            }
        }
        Kind::Transaction => {
            let ours = last_name(&parameter.ty).is_some_and(|name| name == "Tx");
            return (Some((*name).clone()), if ours { Behind::Ours } else { Behind::Theirs });
        }
        Kind::Other => return (Some((*name).clone()), Behind::Unknown),
    }
    let known = kind(&parameter.ty) == Kind::Transaction;
    (known.then(|| (*name).clone()), Behind::Unknown)
}

fn is_shared(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none())
}

/// `impl Executor`, `impl Acquire`, or a parameter with such a bound: may be a pool as well.
fn is_executor(generics: &syn::Generics, ty: &Type) -> bool {
    let says_so = |bound: &syn::TypeParamBound| {
        matches!(bound, syn::TypeParamBound::Trait(bound)
        if bound.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.ends_with("Executor") || name.ends_with("Acquire")
        }))
    };
    match ty {
        Type::ImplTrait(opaque) => opaque.bounds.iter().any(says_so),
        Type::Reference(reference) => is_executor(generics, &reference.elem),
        Type::Path(path) => generics
            .type_params()
            .any(|parameter| path.path.is_ident(&parameter.ident) && parameter.bounds.iter().any(says_so)),
        _ => false,
    }
}

fn is_sender(ty: &Type) -> bool {
    last_name(ty).is_some_and(|name| name.to_string().ends_with("Sender"))
}

#[derive(PartialEq, Eq)]
enum Kind {
    Transaction,
    Pool,
    Connection,
    Other,
}

/// By the written name; an alias is `Other`, and its type decides.
fn kind(ty: &Type) -> Kind {
    match last_name(ty).map(ToString::to_string).as_deref() {
        Some("Transaction" | "Tx" | "PgTransaction" | "SqliteTransaction" | "MySqlTransaction") => Kind::Transaction,
        Some("Pool" | "PgPool" | "SqlitePool" | "MySqlPool" | "AnyPool") => Kind::Pool,
        Some("PgConnection" | "SqliteConnection" | "MySqlConnection" | "PoolConnection") => Kind::Connection,
        _ => Kind::Other,
    }
}
