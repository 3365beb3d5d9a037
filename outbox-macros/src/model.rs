//! What a handler is: its function, its transaction, its return type; and the checks of all that.

use syn::{FnArg, Ident, ItemFn, Pat, PatType, ReturnType, Type};

use crate::args::{Args, Opens};
use crate::diagnostics::{self as say, Sink};

/// A handler that passed the checks.
pub(crate) struct Handler {
    pub(crate) function: ItemFn,
    pub(crate) opens: Option<Opens>,
    /// The name of the transaction in the body.
    pub(crate) tx: Ident,
    /// The `Result` that the body returns.
    pub(crate) output: Type,
}

impl Handler {
    pub(crate) fn new(args: Args, function: ItemFn) -> syn::Result<Self> {
        let mut errors = Sink::default();
        let lowered = lowered_output(&function);
        check_function(&function, lowered.is_some(), args.opens.is_some(), &mut errors);
        let output = lowered.or_else(|| output(&function, &mut errors));
        let tx = match &args.opens {
            Some(opens) => opened(opens, &function, &mut errors),
            None => joined(&function, &mut errors),
        };
        let (tx, output) = errors.take(tx.zip(output))?;
        Ok(Self { function, opens: args.opens, tx, output })
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
    for (name, parameter) in parameters(function) {
        if *name == opens.tx {
            errors.at(parameter, say::TX_TWICE);
        }
    }
    Some(opens.tx.clone())
}

fn joined(function: &ItemFn, errors: &mut Sink) -> Option<Ident> {
    let all: Vec<_> = parameters(function).collect();
    let by_type: Vec<_> = all.iter().filter(|(_, parameter)| kind(&parameter.ty) == Kind::Transaction).collect();
    let named = all.iter().find(|(name, _)| *name == "tx");
    let (name, parameter) = match (&by_type[..], named) {
        ([], Some(named)) => named,
        ([one], _) => one,
        ([_, second, ..], _) => {
            errors.at(second.1, say::TWO_TX);
            return None;
        }
        ([], None) => {
            errors.at(&function.sig.ident, say::NO_TX);
            return None;
        }
    };
    match kind(&parameter.ty) {
        Kind::Pool => errors.at(&parameter.ty, say::POOL_AS_TX),
        Kind::Connection => errors.at(&parameter.ty, say::CONNECTION_AS_TX),
        Kind::Transaction if !matches!(&*parameter.ty, Type::Reference(_)) => {
            if let Pat::Ident(pat) = &*parameter.pat
                && pat.mutability.is_none()
            {
                errors.at(pat, say::TX_NOT_MUT);
            }
        }
        Kind::Transaction | Kind::Other => {}
    }
    Some((*name).clone())
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
    match ty {
        Type::Reference(reference) => kind(&reference.elem),
        Type::Group(group) => kind(&group.elem),
        Type::Paren(paren) => kind(&paren.elem),
        Type::Path(path) => match path.path.segments.last().map(|last| last.ident.to_string()).as_deref() {
            Some("Transaction" | "Tx" | "PgTransaction" | "SqliteTransaction" | "MySqlTransaction") => {
                Kind::Transaction
            }
            Some("Pool" | "PgPool" | "SqlitePool" | "MySqlPool" | "AnyPool") => Kind::Pool,
            Some("PgConnection" | "SqliteConnection" | "MySqlConnection" | "PoolConnection") => Kind::Connection,
            _ => Kind::Other,
        },
        _ => Kind::Other,
    }
}
