//! A path of fields and getters: `root.field.getter()`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, Member};

/// The fields behind a name, with the places to show.
pub(super) type Fields = Vec<(TokenStream, Span)>;

/// What the outermost method in `root.getter().field` is called on.
pub(super) fn getter(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Field(field) => getter(&field.base),
        Expr::MethodCall(call) => Some(&call.receiver),
        _ => None,
    }
}

/// The root of `root.field.field`.
pub(super) fn path<'e>(expr: &'e Expr, fields: &mut Fields) -> Option<&'e Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Field(field) => {
            let root = path(&field.base, fields)?;
            fields.push(match &field.member {
                Member::Named(name) => (name.to_token_stream(), name.span()),
                Member::Unnamed(index) => (index.to_token_stream(), index.span),
            });
            Some(root)
        }
        // A getter, as far as its name says so.
        Expr::MethodCall(call)
            if call.args.is_empty() && call.turbofish.is_none() && names_a_publisher(&call.method) =>
        {
            let root = path(&call.receiver, fields)?;
            let method = &call.method;
            fields.push((quote!(#method()), method.span()));
            Some(root)
        }
        _ => None,
    }
}

/// Getters that can be expected to be about sending. What they return is decided by its type.
fn names_a_publisher(name: &Ident) -> bool {
    let name = name.to_string();
    ["produc", "publish", "kafka", "bus", "broker", "sender", "notif", "emitter", "dispatch"]
        .iter()
        .any(|part| name.contains(part))
}
