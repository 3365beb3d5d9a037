//! Values that can be judged by themselves.

use syn::{Error, Expr};

use crate::derive::options::{Options, inner, text};
use crate::derive::value;
use crate::diagnostics::{self as say, Sink};
use crate::names::{HeaderProblem, header_problem, is_topic, is_version};

/// The values of one place, each by itself.
pub(in crate::derive) fn literals(options: &Options, errors: &mut Sink) {
    if let Some(name) = options.name.as_ref().filter(|name| !is_name(&name.value())) {
        errors.at(name, say::EVENT_NAME);
    }
    if let Some(version) = options.version.as_ref().filter(|version| !is_version(version)) {
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
