//! Parameters: a handler does not even take a producer.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{FnArg, GenericArgument, ItemFn, Pat, PathArguments, Type};

use super::places::{Names, Roots};

/// Checks of the parameters' written types. Parameters in `told` were checked where they send, and what is inside of
/// those in `sources` too.
pub(super) fn checks(function: &ItemFn, roots: &Roots, told: &[String], sources: &[Ident]) -> TokenStream {
    let mut checks = TokenStream::new();
    for input in &function.sig.inputs {
        let FnArg::Typed(parameter) = input else { continue };
        let mut names = Names::default();
        names.visit_pat(&parameter.pat);
        if names.0.iter().any(|name| told.iter().any(|told| name == told) && roots.is_parameter(name)) {
            continue;
        }
        let cfgs: Vec<_> = parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).collect();
        let is_source = match &*parameter.pat {
            Pat::Ident(pat) => sources.contains(&pat.ident),
            _ => false,
        };
        let mut types = Vec::new();
        written(&parameter.ty, false, &mut types);
        types.retain(|(ty, is_inside)| !(is_plain(ty) || *is_inside && is_source));
        for (ty, _) in types {
            let check = quote_spanned!(ty.span()=> __outbox_held().__outbox_judge());
            checks.extend(quote_spanned!(ty.span()=> #(#cfgs)* ::outbox::__private::Ty::<#ty>::new().#check;));
        }
    }
    checks
}

/// Whether the types of this parameter are checked as they are written.
pub(super) fn is_written(ty: &Type) -> bool {
    let mut types = Vec::new();
    written(ty, false, &mut types);
    !types.is_empty()
}

/// Containers that do not deref to what they contain.
const CONTAINERS: [&str; 9] =
    ["Option", "Vec", "HashMap", "BTreeMap", "VecDeque", "Mutex", "RwLock", "OnceCell", "OnceLock"];

/// Types that are known without a check: most parameters are of one of them.
const PLAIN: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "String", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

fn is_plain(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if PLAIN.iter().any(|name| path.path.is_ident(name)))
}

/// The types in `ty` that can stand in an expression, and whether they are inside of a container.
fn written<'t>(ty: &'t Type, inside: bool, found: &mut Vec<(&'t Type, bool)>) {
    match ty {
        Type::Path(path) if !opaque(ty) => {
            found.push((ty, inside));
            let Some(last) = path.path.segments.last() else { return };
            if let PathArguments::AngleBracketed(arguments) = &last.arguments
                && CONTAINERS.iter().any(|name| last.ident == name)
            {
                for argument in &arguments.args {
                    if let GenericArgument::Type(inner) = argument {
                        written(inner, true, found);
                    }
                }
            }
        }
        Type::TraitObject(_) if !opaque(ty) => found.push((ty, inside)),
        Type::Reference(reference) => written(&reference.elem, inside, found),
        Type::Paren(paren) => written(&paren.elem, inside, found),
        Type::Group(group) => written(&group.elem, inside, found),
        Type::Slice(slice) => written(&slice.elem, true, found),
        Type::Array(array) => written(&array.elem, true, found),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|elem| written(elem, true, found)),
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
