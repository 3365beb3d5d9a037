//! The return type: a `Result`, as far as it is written.

use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{ItemFn, ReturnType, Type};

use crate::diagnostics::{self as say, Sink};

/// The return type, in the forms in which it can be written elsewhere.
pub(crate) struct Output {
    /// As the type of a variable: `_` for `impl Trait`.
    pub(crate) edge: Type,
    /// The error type.
    pub(crate) error: Type,
}

impl Output {
    pub(super) fn new(written: &Type) -> Self {
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

/// Refuses what surely is no `Result`; an alias is decided by its type.
pub(super) fn written(function: &ItemFn, errors: &mut Sink) -> Option<Type> {
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
pub(super) fn lowered(function: &ItemFn) -> Option<Type> {
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
