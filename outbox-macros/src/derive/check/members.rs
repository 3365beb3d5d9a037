//! Values that name a field: whether it is there.

use quote::{ToTokens, quote};
use syn::{Error, Expr, Fields, Ident, Member, Variant};

use crate::derive::options::{Options, inner, number, text};
use crate::derive::value;
use crate::diagnostics::{self as say, Sink};

/// The values of `options` that can be fields. A number is a header's value as well as a field of a tuple.
fn values(options: &Options) -> impl Iterator<Item = (&Expr, bool)> {
    let headers = options.headers.iter().map(|header| (&header.value, true));
    options.topic.iter().chain(&options.key).map(|value| (value, false)).chain(headers)
}

/// Whether `value` is a field that `fields` lacks.
fn lacks(value: &Expr, header: bool, fields: &Fields) -> bool {
    let constant = header && number(value).is_some() && !matches!(fields, Fields::Unnamed(_));
    !constant && value::field(value).is_some_and(|member| !value::has(fields, &member))
}

fn no_field(at: impl ToTokens, owner: &Ident, value: &Expr, remedy: &str) -> Error {
    let value = inner(value);
    Error::new_spanned(at, format!("`{owner}` has no field `{}`{remedy} [OBX-046]", quote!(#value)))
}

/// A key in quotation marks would be the same for every event.
fn quoted_field<'a>(options: &Options, mut fields: impl Iterator<Item = &'a Fields>, errors: &mut Sink) {
    if let Some(key) = options.key.as_ref().and_then(text) {
        let name = key.value();
        let is_field = |member| matches!(member, Member::Named(field) if field == name.as_str());
        if fields.any(|fields| fields.members().any(is_field)) {
            errors.at(key, say::EVENT_QUOTED_KEY);
        }
    }
}

/// Fields that are named beside the struct or variant that should have them.
pub(in crate::derive) fn own_fields(owner: &Ident, fields: &Fields, options: &Options, errors: &mut Sink) {
    quoted_field(options, std::iter::once(fields), errors);
    for (value, _) in values(options).filter(|(value, header)| lacks(value, *header, fields)) {
        let known: Vec<_> = fields.members().map(|member| format!("`{}`", quote!(#member))).collect();
        let remedy = match known.as_slice() {
            [] => "; write an expression, or give it the field".to_owned(),
            known => format!(", only {}; name one of these, or write an expression of `self`", known.join(", ")),
        };
        errors.push(no_field(value, owner, value, &remedy));
    }
}

/// Fields that are named above the enum: each variant that uses the option must have them.
pub(in crate::derive) fn shared_fields(variants: &[(&Variant, Options)], outer: &Options, errors: &mut Sink) {
    let own =
        |options: &Options| options.transparent.is_none() && (outer.transparent.is_none() || options.says_something());
    quoted_field(outer, variants.iter().map(|(variant, _)| &variant.fields), errors);
    for (shared, is_header) in values(outer) {
        let is = |other: &Option<Expr>| other.as_ref().is_some_and(|other| std::ptr::eq(other, shared));
        let header = outer.headers.iter().find(|header| std::ptr::eq(&header.value, shared));
        let overridden = |options: &Options| {
            (is(&outer.topic) && options.topic.is_some())
                || (is(&outer.key) && options.key.is_some())
                || header.is_some_and(|header| options.headers.iter().any(|other| other.name == header.name))
        };
        let users: Vec<_> = variants.iter().filter(|(_, options)| own(options) && !overridden(options)).collect();
        let lacking: Vec<_> = users.iter().filter(|(variant, _)| lacks(shared, is_header, &variant.fields)).collect();
        if lacking.len() == users.len() && users.len() > 1 {
            let value = inner(shared);
            let message = format!(
                "no variant has a field `{}`; name one that every variant has, or write an expression of `self` [OBX-046]",
                quote!(#value)
            );
            errors.push(Error::new_spanned(shared, message));
        } else {
            for (variant, _) in lacking {
                let remedy = ", which the enum's `#[event(…)]` names; give this variant the field, or the option with a value of its own";
                errors.push(no_field(&variant.ident, &variant.ident, shared, remedy));
            }
        }
    }
}
