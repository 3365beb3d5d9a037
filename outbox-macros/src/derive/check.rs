//! What can be wrong with options that could be read: one error for each mistake, at its smallest token.

use quote::{ToTokens, quote};
use syn::{Error, Expr, Fields, Ident, Member, Variant};

use super::model::{Kind, Model, Payload};
use super::options::{Options, inner, number, text};
use super::value;
use crate::diagnostics::{self as say, Sink};
use crate::names::{HeaderProblem, header_problem, is_topic};

/// The values of one place, each by itself.
pub(super) fn literals(options: &Options, errors: &mut Sink) {
    if let Some(name) = options.name.as_ref().filter(|name| !is_name(&name.value())) {
        errors.at(name, say::EVENT_NAME);
    }
    if let Some(version) = &options.version
        && !version.base10_parse::<u32>().is_ok_and(|version| version > 0)
    {
        errors.at(version, say::EVENT_VERSION);
    }
    match options.topic.as_ref().map(|topic| (topic, text(topic))) {
        Some((_, Some(literal))) if !is_topic(&literal.value()) => errors.at(literal, say::EVENT_TOPIC),
        Some((topic, None)) if matches!(inner(topic), Expr::Lit(_)) && value::field(topic).is_none() => {
            errors.at(topic, say::EVENT_TOPIC);
        }
        _ => {}
    }
    if let Some((_, content_type)) = &options.content_type
        && !is_content_type(&content_type.value())
    {
        errors.at(content_type, say::EVENT_CONTENT_TYPE);
    }
    if let Some(key) = options.key.as_ref().filter(|key| matches!(inner(key), Expr::Tuple(_))) {
        errors.at(key, say::EVENT_TUPLE_KEY);
    }
    for (place, header) in options.headers.iter().enumerate() {
        if let Some(problem) = header_problem(&header.name) {
            let message = match problem {
                HeaderProblem::Name => say::EVENT_HEADER_NAME,
                HeaderProblem::ContentType => say::EVENT_HEADER_CONTENT_TYPE,
                HeaderProblem::Reserved => say::EVENT_HEADER_RESERVED,
            };
            errors.push(Error::new(header.span, message));
        } else if options.headers.iter().take(place).any(|before| before.name == header.name) {
            errors.push(Error::new(header.span, say::EVENT_HEADER_TWICE));
        }
    }
}

/// Options that are the whole enum's.
pub(super) fn whole_enum(options: &Options, errors: &mut Sink) {
    for word in ["crate", "schema_lock"].into_iter().filter_map(|name| options.word(name)) {
        errors.at(word, say::EVENT_NOT_ON_VARIANT);
    }
}

/// No field takes options.
pub(super) fn fields(fields: &Fields, errors: &mut Sink) {
    for attribute in fields.iter().flat_map(|field| &field.attrs) {
        if attribute.path().is_ident("event") {
            errors.at(attribute.path(), say::EVENT_ON_FIELD);
        }
    }
}

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
pub(super) fn own_fields(owner: &Ident, fields: &Fields, options: &Options, errors: &mut Sink) {
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
pub(super) fn shared_fields(variants: &[(&Variant, Options)], outer: &Options, errors: &mut Sink) {
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

/// Two variants that call themselves the same event.
pub(super) fn same_names(variants: &[(&Variant, Options)], outer: &Options, errors: &mut Sink) {
    let version = |options: &Options| {
        options.version.as_ref().or(outer.version.as_ref()).and_then(|version| version.base10_parse::<u32>().ok())
    };
    for (place, (_, options)) in variants.iter().enumerate() {
        let Some(name) = &options.name else { continue };
        let same = |(_, before): &&(&Variant, Options)| {
            before.name.as_ref().is_some_and(|other| other.value() == name.value())
                && version(before) == version(options)
        };
        if variants.iter().take(place).find(same).is_some() {
            errors.at(name, say::EVENT_SAME_NAME);
        }
    }
}

/// `schema_lock` needs one JSON schema for each event.
pub(super) fn lock(model: &Model<'_>, options: &Options, errors: &mut Sink) {
    let Some(word) = &model.schema_lock else { return };
    let generics = &model.input.generics;
    let owns = model.arms.iter().filter_map(|arm| match &arm.kind {
        Kind::Own(own) => Some(own),
        Kind::Transparent => None,
    });
    if generics.type_params().next().is_some() || generics.const_params().next().is_some() {
        errors.at(word, say::EVENT_LOCK_GENERIC);
    } else if owns.clone().any(|own| matches!(own.payload, Payload::Encoder(_))) {
        errors.at(word, say::EVENT_LOCK_ENCODER);
    } else if options.transparent.is_some() && owns.count() == 0 {
        errors.at(word, say::EVENT_LOCK_TRANSPARENT);
    }
}

fn is_name(name: &str) -> bool {
    (1..=255).contains(&name.chars().count()) && !name.chars().any(|c| c.is_whitespace() || c.is_control())
}

fn is_content_type(text: &str) -> bool {
    let mut parts = text.split(';').next().unwrap_or_default().split('/');
    let token =
        |part: Option<&str>| part.is_some_and(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_graphic()));
    token(parts.next())
        && token(parts.next())
        && parts.next().is_none()
        && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}
