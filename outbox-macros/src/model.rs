//! What a handler is: its function, its transaction, its return type; and the checks of all that.

use proc_macro2::Span;
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{FnArg, Ident, ItemFn, Pat, PatType, ReturnType, Type};

use crate::args::{Args, Opens};
use crate::diagnostics::{self as say, Sink};

/// A handler, as far as it could be read.
pub(crate) struct Handler {
    pub(crate) function: ItemFn,
    pub(crate) args: Args,
    /// The name of the transaction in the body.
    pub(crate) tx: Option<Ident>,
    /// What `tx` is a reference to.
    pub(crate) behind: Behind,
    /// The `Result` that the body returns.
    pub(crate) output: Option<Output>,
}

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

/// The return type, in the forms in which it can be written elsewhere.
pub(crate) struct Output {
    /// As the type of a variable: `_` for `impl Trait`.
    pub(crate) edge: Type,
    /// The error type.
    pub(crate) error: Type,
}

impl Output {
    fn new(written: &Type) -> Self {
        let error = match result_error(written) {
            Some(error) => error.clone(),
            None => {
                let named = without_opaque(written, &syn::parse_quote!(()));
                let span = Span::mixed_site().located_at(written.span());
                syn::parse2(quote_spanned!(span=> <#named as ::outbox::__private::ResultLike>::Err))
                    .unwrap_or_else(|_| named.clone())
            }
        };
        Self { edge: without_opaque(written, &syn::parse_quote!(_)), error }
    }
}

/// `E` of a written `Result<T, E>`.
fn result_error(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.iter().collect::<Vec<_>>()[..] {
        [syn::GenericArgument::Type(_), syn::GenericArgument::Type(error)] => Some(error),
        _ => None,
    }
}

fn without_opaque(ty: &Type, instead: &Type) -> Type {
    struct Replace<'t>(&'t Type);
    impl VisitMut for Replace<'_> {
        fn visit_type_mut(&mut self, node: &mut Type) {
            match node {
                Type::ImplTrait(_) => *node = self.0.clone(),
                other => visit_mut::visit_type_mut(self, other),
            }
        }
    }
    let mut ty = ty.clone();
    Replace(instead).visit_type_mut(&mut ty);
    ty
}

impl Handler {
    pub(crate) fn new(args: Args, function: ItemFn, errors: &mut Sink) -> Self {
        let lowered = lowered_output(&function);
        check_function(&function, lowered.is_some(), args.opens.is_some(), errors);
        let output = lowered.or_else(|| output(&function, errors)).map(|written| Output::new(&written));
        let (tx, behind) = match &args.opens {
            Some(opens) => (opened(opens, &function, errors), Behind::Ours),
            // Perhaps the broken option was to name it.
            None if args.broken => (named(&function), Behind::Unknown),
            None => joined(&function, errors),
        };
        Self { function, args, tx, behind, output }
    }
}

fn check_function(function: &ItemFn, lowered: bool, opens: bool, errors: &mut Sink) {
    let sig = &function.sig;
    if let Some(token) = &sig.constness {
        errors.at(token, say::CONST_FN);
    } else if sig.asyncness.is_none() && !lowered {
        errors.at(sig.fn_token, say::NOT_ASYNC);
    } else if lowered && opens {
        errors.at(&sig.ident, say::OPENS_LOWERED);
    }
}

/// Refuses what surely is no `Result`; an alias is decided by its type.
fn output(function: &ItemFn, errors: &mut Sink) -> Option<Type> {
    let ReturnType::Type(_, output) = &function.sig.output else {
        errors.at(&function.sig.ident, say::NO_RESULT);
        return None;
    };
    let surely_none = match &**output {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| ["Option", "bool", "String"].iter().any(|name| last.ident == name)),
        Type::Tuple(_) | Type::ImplTrait(_) | Type::Reference(_) | Type::Never(_) => true,
        _ => false,
    };
    if surely_none {
        errors.at(output, say::NO_RESULT);
        return None;
    }
    Some((**output).clone())
}

/// `#[async_trait]` hands over `fn … -> Pin<Box<dyn Future<Output = R> + …>>`; `R`, if it is that.
fn lowered_output(function: &ItemFn) -> Option<Type> {
    let ReturnType::Type(_, output) = &function.sig.output else { return None };
    let boxed = argument(argument(output, "Pin")?, "Box")?;
    let Type::TraitObject(object) = boxed else { return None };
    object.bounds.iter().find_map(|bound| {
        let syn::TypeParamBound::Trait(bound) = bound else { return None };
        let last = bound.path.segments.last().filter(|last| last.ident == "Future")?;
        let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
        arguments.args.iter().find_map(|argument| match argument {
            syn::GenericArgument::AssocType(assoc) if assoc.ident == "Output" => Some(assoc.ty.clone()),
            _ => None,
        })
    })
}

/// `T` of `NAME<T>`.
fn argument<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn opened(opens: &Opens, function: &ItemFn, errors: &mut Sink) -> Option<Ident> {
    for (name, _) in parameters(function) {
        if *name == opens.tx {
            errors.at(name, say::TX_TWICE);
            return None;
        }
    }
    Some(opens.tx.clone())
}

/// A parameter `tx`.
fn named(function: &ItemFn) -> Option<Ident> {
    parameters(function).find(|(name, _)| *name == "tx").map(|(name, _)| name.clone())
}

fn joined(function: &ItemFn, errors: &mut Sink) -> (Option<Ident>, Behind) {
    let all: Vec<_> = parameters(function).collect();
    let by_type: Vec<_> = all.iter().filter(|(_, parameter)| kind(&parameter.ty) == Kind::Transaction).collect();
    let named = all.iter().find(|(name, _)| *name == "tx");
    let (name, parameter) = match (named, &by_type[..]) {
        (Some(named), _) => named,
        (None, [one]) => one,
        (None, [_, (second, _), ..]) => {
            errors.at(second, say::TWO_TX);
            return (None, Behind::Unknown);
        }
        (None, []) => {
            errors.at(&function.sig.ident, say::NO_TX);
            return (None, Behind::Unknown);
        }
    };
    match kind(&parameter.ty) {
        Kind::Pool => errors.at(last_name(&parameter.ty), say::POOL_AS_TX),
        Kind::Connection => errors.at(last_name(&parameter.ty), say::CONNECTION_AS_TX),
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

/// The last name of a written type.
fn last_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Reference(reference) => last_name(&reference.elem),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Parameters that are a plain name.
pub(crate) fn parameters(function: &ItemFn) -> impl Iterator<Item = (&Ident, &PatType)> {
    function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => match &*parameter.pat {
            Pat::Ident(pat) => Some((&pat.ident, parameter)),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
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
