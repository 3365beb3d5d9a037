//! Parameters: a handler does not even take a producer.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, FnArg, GenericArgument, Pat, PathArguments, Type};

use super::places::{Names, Roots};
use crate::model::Handler;
use crate::names::is_plain;

/// Checks of the parameters' types. Parameters in `told` were checked where they send, and what is inside of those in
/// `sources` too. The transaction, and what it is opened from, are known to be no producers.
///
/// Where a parameter has a name that the body mentions, that is what is asked: a type is not written twice, so what is
/// wrong with it is not told twice.
pub(super) fn checks(handler: &Handler, roots: &Roots, told: &[String], sources: &[Ident]) -> TokenStream {
    let mut checks = TokenStream::new();
    let from = handler.args.opens.as_ref().map(|opens| &opens.from);
    for input in &handler.function.sig.inputs {
        let FnArg::Typed(parameter) = input else { continue };
        let mut names = Names::default();
        names.visit_pat(&parameter.pat);
        if names.0.iter().any(|name| told.iter().any(|told| name == told) && roots.is_parameter(name)) {
            continue;
        }
        let name = match &*parameter.pat {
            Pat::Ident(pat) if pat.by_ref.is_none() && pat.subpat.is_none() => Some(&pat.ident),
            _ => None,
        };
        let is_known = |name: &Ident| {
            handler.tx.as_ref() == Some(name) || matches!(from, Some(Expr::Path(path)) if path.path.is_ident(name))
        };
        if name.is_some_and(is_known) {
            continue;
        }
        let cfgs: Vec<_> = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
        let is_source = name.is_some_and(|name| sources.contains(name));
        let mut found = Vec::new();
        written(&parameter.ty, Inside::default(), &mut found);
        for Written { ty, inside } in found {
            if is_plain(ty) || inside.container && is_source {
                continue;
            }
            let mentioned = name.filter(|name| !inside.container && handler.mentioned.has_name(name));
            let asked = asked(ty, &inside, mentioned);
            let check = quote_spanned!(ty.span()=> __outbox_held().__outbox_judge());
            checks.extend(quote_spanned!(ty.span()=> #(#cfgs)* #asked.#check;));
        }
    }
    checks
}

/// The type as a value. Where it has to be written again, it stands as it stands in the signature, as an argument of
/// another type or not: then rustc says the same of it, and tells it once.
fn asked(ty: &Type, inside: &Inside, name: Option<&Ident>) -> TokenStream {
    let span = ty.span();
    match name {
        Some(name) => {
            let name = Ident::new(&name.to_string(), name.span().located_at(span));
            let place = match inside.references {
                0 => quote_spanned!(span=> #name),
                references => {
                    let derefs = (0..references).map(|_| quote_spanned!(span=> *));
                    quote_spanned!(span=> (#(#derefs)* #name))
                }
            };
            // A method: of a type that is wrong it has no type either, so that nothing follows.
            quote_spanned!(span=> #place.__outbox_ty())
        }
        None if inside.generic => quote_spanned!(span=> ::outbox::__private::Ty::<#ty>::new()),
        None => {
            let it = Ident::new("it", Span::mixed_site().located_at(span));
            // As a statement of its own a block would end before the dot.
            quote_spanned! {span=>
                ({ let #it: &#ty = ::outbox::__private::reference(); #it }).__outbox_ty()
            }
        }
    }
}

/// Whether the types of this parameter are checked as they are written.
pub(super) fn is_written(ty: &Type) -> bool {
    let mut types = Vec::new();
    written(ty, Inside::default(), &mut types);
    !types.is_empty()
}

/// Containers that do not deref to what they contain.
const CONTAINERS: [&str; 9] =
    ["Option", "Vec", "HashMap", "BTreeMap", "VecDeque", "Mutex", "RwLock", "OnceCell", "OnceLock"];

/// A type in a parameter's, that can stand in an expression.
struct Written<'t> {
    ty: &'t Type,
    inside: Inside,
}

/// What is around a type.
#[derive(Clone, Copy, Default)]
struct Inside {
    /// Something that does not deref to it.
    container: bool,
    /// The angle brackets of another type.
    generic: bool,
    /// How many `&`, and nothing else.
    references: usize,
}

fn written<'t>(ty: &'t Type, inside: Inside, found: &mut Vec<Written<'t>>) {
    let contained = Inside { container: true, ..inside };
    match ty {
        Type::Path(path) if !opaque(ty) => {
            found.push(Written { ty, inside });
            let Some(last) = path.path.segments.last() else { return };
            if let PathArguments::AngleBracketed(arguments) = &last.arguments
                && CONTAINERS.iter().any(|name| last.ident == name)
            {
                for argument in &arguments.args {
                    if let GenericArgument::Type(inner) = argument {
                        written(inner, Inside { generic: true, ..contained }, found);
                    }
                }
            }
        }
        Type::TraitObject(_) if !opaque(ty) => found.push(Written { ty, inside }),
        Type::Reference(reference) => {
            written(&reference.elem, Inside { references: inside.references + 1, ..inside }, found);
        }
        Type::Paren(paren) => written(&paren.elem, inside, found),
        Type::Group(group) => written(&group.elem, inside, found),
        Type::Slice(slice) => written(&slice.elem, contained, found),
        Type::Array(array) => written(&array.elem, contained, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|elem| written(elem, contained, found)),
        _ => {}
    }
}

/// Whether there is an `impl Trait` in `ty`.
fn opaque(ty: &Type) -> bool {
    struct Opaque(bool);
    impl<'ast> Visit<'ast> for Opaque {
        fn visit_type_impl_trait(&mut self, node: &'ast syn::TypeImplTrait) {
            self.0 = true;
            visit::visit_type_impl_trait(self, node);
        }
    }
    let mut found = Opaque(false);
    found.visit_type(ty);
    found.0
}
