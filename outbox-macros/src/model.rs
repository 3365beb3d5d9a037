//! What a handler is: its function, its transaction, its return type; and the checks of all that.

use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FnArg, Ident, ItemFn, Lit, Pat, PatIdent, PatType, ReturnType, Type};

use crate::args::{Args, Opens};
use crate::diagnostics::{self as say, Sink};
use crate::names::Mentioned;

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
    /// The names in the body.
    pub(crate) mentioned: Mentioned,
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
                syn::parse2(quote_spanned!(written.span()=> <#named as ::outbox::__private::ResultLike>::Err))
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
        check_options(&function, &args, errors);
        let output = lowered.or_else(|| output(&function, errors)).map(|written| Output::new(&written));
        let (tx, behind) = match &args.opens {
            Some(opens) => (opened(opens, &function, errors), Behind::Ours),
            // Perhaps the broken option was to name it.
            None if args.broken => (named(&function), Behind::Unknown),
            None => joined(&function, errors),
        };
        if let (Some(savepoint), Some(tx)) = (&args.savepoint, &tx)
            && args.opens.is_none()
            && parameters(&function)
                .any(|(name, parameter)| name == tx && !matches!(&*parameter.ty, Type::Reference(_)))
        {
            errors.at(savepoint, say::SAVEPOINT_OWNED);
        }
        let mentioned = Mentioned::of(&function.block);
        Self { function, args, tx, behind, output, mentioned }
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

/// Options that are wrong by themselves, or that the form has no use for.
fn check_options(function: &ItemFn, args: &Args, errors: &mut Sink) {
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
    match bound(function).into_iter().find(|name| *name == opens.tx) {
        Some(name) => {
            errors.at(name, say::TX_TWICE);
            None
        }
        None => Some(opens.tx.clone()),
    }
}

/// All names that the parameters bind, in patterns too.
fn bound(function: &ItemFn) -> Vec<Ident> {
    #[derive(Default)]
    struct Bound(Vec<Ident>);
    impl<'ast> Visit<'ast> for Bound {
        fn visit_pat_ident(&mut self, node: &'ast PatIdent) {
            self.0.push(node.ident.clone());
            visit::visit_pat_ident(self, node);
        }
    }
    let mut bound = Bound::default();
    for input in &function.sig.inputs {
        if let FnArg::Typed(parameter) = input {
            bound.visit_pat(&parameter.pat);
        }
    }
    bound.0
}

/// A parameter `tx`.
fn named(function: &ItemFn) -> Option<Ident> {
    parameters(function).find(|(name, _)| *name == "tx").map(|(name, _)| name.clone())
}

fn joined(function: &ItemFn, errors: &mut Sink) -> (Option<Ident>, Behind) {
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
