//! The arguments of a body that stands in an async block of its own.
//!
//! Input: `(mut a, b): (A, B), c: &mut C, d: &D` · Output, once: `let mut a = a; let mut b = b;`; for each attempt of
//! `retry`: `let mut a = again(&a); let mut b = again(&b); let c = &mut *c;`. Names that the body does not mention are
//! left alone, so their types need no `Clone`. So are values of types that are surely `Sync`, where they are not `mut`:
//! what a body must not change, rustc tells. Names of `&D` are copied into the block, for the same reason.
//!
//! The block captures what it only looks at by `&`, which is `Send` for `Sync` types only; a `&mut` in a dead branch makes
//! that `&mut`, which is `Send` where the argument is. It is not moved in, or it would be dropped before COMMIT.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, GenericArgument, ItemFn, Pat, PatIdent, PatReference, PathArguments, Type};

/// What becomes of the arguments.
#[derive(Default)]
pub(super) struct Arguments {
    /// In front of the block.
    pub(super) bind: TokenStream,
    /// In it, in a branch that never runs.
    pub(super) hold: TokenStream,
    /// In it.
    pub(super) copy: TokenStream,
}

impl Arguments {
    /// Of a body that runs once. A `mut` moves from the parameter to the front of the block.
    pub(super) fn once(function: &mut ItemFn) -> Self {
        Self::new(function, false)
    }

    /// Of a body that runs again. The same.
    pub(super) fn again(function: &mut ItemFn) -> Self {
        Self::new(function, true)
    }

    fn new(function: &mut ItemFn, again: bool) -> Self {
        let body = function.block.to_token_stream();
        let mut arguments = Self::default();
        for input in &mut function.sig.inputs {
            let FnArg::Typed(parameter) = input else { continue };
            let how = match (&*parameter.ty, &*parameter.pat) {
                (Type::Reference(reference), _) if reference.mutability.is_some() => How::Reborrow,
                (Type::Reference(_), Pat::Ident(pat)) if pat.by_ref.is_none() => How::Copy,
                (Type::Reference(_), Pat::Ident(_)) => continue,
                (ty, _) if is_sync(ty) => How::Plain,
                _ => How::Own,
            };
            let conditions =
                parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
            let mut bindings = Bindings { body: &body, again, how, conditions, arguments: &mut arguments };
            bindings.visit_pat_mut(&mut parameter.pat);
        }
        arguments
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Own,
    /// `Own`, of a type that is `Sync`.
    Plain,
    /// A `&`.
    Copy,
    Reborrow,
}

struct Bindings<'a> {
    body: &'a TokenStream,
    again: bool,
    how: How,
    conditions: Vec<Attribute>,
    arguments: &'a mut Arguments,
}

impl VisitMut for Bindings<'_> {
    fn visit_pat_ident_mut(&mut self, node: &mut PatIdent) {
        visit_mut::visit_pat_ident_mut(self, node);
        let name = &node.ident;
        // A constant or a unit struct binds nothing.
        let binds = node.by_ref.is_some()
            || node.mutability.is_some()
            || !name.to_string().starts_with(|first: char| first.is_uppercase());
        if !binds || !mentions(self.body.clone(), name) {
            return;
        }
        let site = Span::mixed_site().located_at(name.span());
        let conditions = &self.conditions;
        let lints = quote!(#[allow(clippy::all, clippy::pedantic)]);
        if self.how == How::Copy {
            let mutability = node.mutability.take();
            self.arguments.copy.extend(quote_spanned! {site=>
                #(#conditions)* #[allow(unused_variables, clippy::all, clippy::pedantic)] let #mutability #name = #name;
            });
        } else if self.how == How::Plain && node.by_ref.is_none() && node.mutability.is_none() {
            if self.again {
                let value = quote_spanned!(site=> ::outbox::__private::Argument(&#name).again());
                self.arguments.bind.extend(quote_spanned!(site=> #(#conditions)* #lints let #name = #value;));
            }
        } else if matches!(self.how, How::Own | How::Plain) && node.by_ref.is_none() {
            node.mutability = None;
            let value = if self.again {
                quote_spanned!(site=> ::outbox::__private::Argument(&#name).again())
            } else {
                quote!(#name)
            };
            self.arguments.bind.extend(quote_spanned!(site=> #(#conditions)* #lints let mut #name = #value;));
            self.arguments.hold.extend(quote_spanned!(site=> #(#conditions)* let _ = &mut #name;));
        } else if self.again {
            let unique = self.how == How::Reborrow || node.mutability.is_some();
            let mutability = if node.by_ref.is_none() { node.mutability.take() } else { None };
            let value = if unique { quote!(&mut *#name) } else { quote!(&*#name) };
            self.arguments.bind.extend(quote_spanned!(site=> #(#conditions)* #lints let #mutability #name = #value;));
        }
    }

    /// Behind `&mut` in the pattern there are values.
    fn visit_pat_reference_mut(&mut self, node: &mut PatReference) {
        let outer = std::mem::replace(&mut self.how, How::Own);
        visit_mut::visit_pat_reference_mut(self, node);
        self.how = outer;
    }

    fn visit_expr_mut(&mut self, _: &mut syn::Expr) {}
}

/// Whether a value of this type is surely `Sync`.
fn is_sync(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| match &last.arguments {
            PathArguments::None => SYNC.iter().any(|name| last.ident == name),
            PathArguments::AngleBracketed(arguments) => {
                CONTAINERS.iter().any(|name| last.ident == name)
                    && arguments
                        .args
                        .iter()
                        .all(|argument| matches!(argument, GenericArgument::Type(inner) if is_sync(inner)))
            }
            PathArguments::Parenthesized(_) => false,
        }),
        Type::Tuple(tuple) => tuple.elems.iter().all(is_sync),
        Type::Array(array) => is_sync(&array.elem),
        Type::Paren(paren) => is_sync(&paren.elem),
        Type::Group(group) => is_sync(&group.elem),
        _ => false,
    }
}

/// Types that are `Sync`.
const SYNC: [&str; 20] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "String", "u8", "u16", "u32", "u64",
    "u128", "usize", "Uuid", "Duration", "PathBuf",
];

/// Types that are `Sync` if what they contain is.
const CONTAINERS: [&str; 8] = ["Option", "Vec", "Box", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "VecDeque"];

/// Whether `name` stands in `tokens`, or in braces in a text, where macros like `format!` take it from.
fn mentions(tokens: TokenStream, name: &Ident) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        TokenTree::Literal(literal) => literal.to_string().contains(&format!("{{{name}")),
        TokenTree::Punct(_) => false,
    })
}
