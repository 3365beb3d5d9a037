//! The arguments of a body that stands in an async block of its own.
//!
//! Input: `(mut a, b): (A, B), c: &mut C, d: &D` · Output, for each attempt of `retry`: `let mut a = again(&a); let b =
//! again(&b); let c = &mut *c;`. A body that runs once has them as they are. Names that the body does not mention are left
//! alone, so their types need no `Clone`.
//!
//! A block captures what it only looks at by `&`, which is `Send` for `Sync` types only, and moves nothing in that has to
//! live until COMMIT. So it is made to capture by `&mut`, which is `Send` where the argument is: by a borrow that stands
//! behind what never returns. Nobody checks that borrow; all others are checked where they stand, and what a body must
//! not change, rustc tells there. What is behind a `&` is held by one, for the same reason.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, ItemFn, PatIdent, PatReference, Receiver, ReceiverKind, Type};

use crate::names::{Mentioned, is_plain};

/// What becomes of the arguments.
#[derive(Default)]
pub(super) struct Arguments {
    /// In front of the block.
    pub(super) bind: TokenStream,
    /// In it, behind what never returns.
    pub(super) hold: TokenStream,
}

impl Arguments {
    /// Of a body that runs once.
    pub(super) fn once(function: &mut ItemFn, body: &Mentioned) -> Self {
        Self::new(function, body, false)
    }

    /// Of a body that runs again. A `mut` moves from the parameter to the front of the block.
    pub(super) fn again(function: &mut ItemFn, body: &Mentioned) -> Self {
        Self::new(function, body, true)
    }

    fn new(function: &mut ItemFn, body: &Mentioned, again: bool) -> Self {
        let mut arguments = Self::default();
        for input in &mut function.sig.inputs {
            let parameter = match input {
                FnArg::Typed(parameter) => parameter,
                FnArg::Receiver(receiver) => {
                    if body.has("self") {
                        arguments.hold.extend(receiver_held(receiver));
                    }
                    continue;
                }
            };
            let how = match &*parameter.ty {
                Type::Reference(reference) if reference.mutability.is_some() => How::Reborrow,
                Type::Reference(_) => How::Copy,
                ty if is_plain(ty) => How::Plain,
                _ => How::Own,
            };
            let conditions =
                parameter.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
            let mut bindings = Bindings { body, again, how, conditions, arguments: &mut arguments };
            bindings.visit_pat_mut(&mut parameter.pat);
        }
        arguments
    }
}

/// `self` as the block has to hold it.
fn receiver_held(receiver: &Receiver) -> TokenStream {
    let name = &receiver.self_token;
    let reference = match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => Some(mutability.is_some()),
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) => Some(reference.mutability.is_some()),
            _ => None,
        },
        _ => None,
    };
    match reference {
        Some(true) => TokenStream::new(),
        Some(false) => quote!(let _ = &#name;),
        None => quote!(let _ = &mut #name;),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Own,
    /// `Own`, of a type that is `Sync` and `Copy` or nearly so.
    Plain,
    /// A `&`.
    Copy,
    /// A `&mut`.
    Reborrow,
}

struct Bindings<'a> {
    body: &'a Mentioned,
    again: bool,
    how: How,
    conditions: Vec<Attribute>,
    arguments: &'a mut Arguments,
}

impl VisitMut for Bindings<'_> {
    fn visit_pat_ident_mut(&mut self, node: &mut PatIdent) {
        visit_mut::visit_pat_ident_mut(self, node);
        // A constant or a unit struct binds nothing.
        let binds = node.by_ref.is_some()
            || node.mutability.is_some()
            || !node.ident.to_string().starts_with(|first: char| first.is_uppercase());
        if binds && self.body.has_name(&node.ident) {
            if self.again {
                self.bind(node);
            }
            self.hold(node);
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

impl Bindings<'_> {
    /// One more of it, for an attempt.
    fn bind(&mut self, node: &mut PatIdent) {
        let name = &node.ident;
        let site = Span::mixed_site().located_at(name.span());
        let value = match (self.how, &node.by_ref) {
            (How::Copy, None) if node.mutability.is_none() => return,
            (How::Copy, None) => quote!(#name),
            (How::Own | How::Plain, None) => quote_spanned!(site=> ::outbox::__private::Argument(&#name).again()),
            _ if self.how == How::Reborrow || node.mutability.is_some() => quote!(&mut *#name),
            _ => quote!(&*#name),
        };
        let mutability = if node.by_ref.is_none() { node.mutability.take() } else { None };
        let conditions = &self.conditions;
        self.arguments.bind.extend(quote_spanned! {site=>
            #(#conditions)* #[allow(clippy::all, clippy::pedantic)] let #mutability #name = #value;
        });
    }

    fn hold(&mut self, node: &PatIdent) {
        let (name, conditions) = (&node.ident, &self.conditions);
        let held = match self.how {
            _ if node.by_ref.is_some() => return,
            How::Plain | How::Reborrow => return,
            How::Copy => quote!(&#name),
            How::Own => quote!(&mut #name),
        };
        self.arguments.hold.extend(quote!(#(#conditions)* let _ = #held;));
    }
}
