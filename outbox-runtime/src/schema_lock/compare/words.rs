//! How cases and places are named in a sentence.

use serde_json::Value;

use super::super::cases::Case;
use super::properties;

/// `owner.name`, or the payload itself.
pub(super) fn shown(path: &str) -> String {
    if path.is_empty() { "the payload".to_owned() } else { format!("`{path}`") }
}

pub(super) fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

pub(super) fn changed(old: &Case, new: &Case, path: &str) -> String {
    format!("{} was {}, is {}", shown(path), describe(old), describe(new))
}

/// What tells cases apart: the type, and constants of the first level (`{"kind": "card"}`) or the one field of
/// `{"Card": …}`.
pub(super) fn tag(case: &Case) -> (Option<&Value>, Vec<(&String, Option<&Value>)>) {
    let fields = properties(case);
    let single = fields.is_some_and(|fields| fields.len() == 1);
    let constant = |schema: &'_ Value| schema.get("const").is_some();
    let tags = fields.into_iter().flatten().filter(|(_, schema)| single || constant(schema));
    (case.get("type").or(case.get("const")), tags.map(|(name, schema)| (name, schema.get("const"))).collect())
}

/// `integer (int64)`, `"card"`, `object with kind "card", number`.
pub(super) fn describe(case: &Case) -> String {
    if let Some(value) = case.get("const") {
        return value.to_string();
    }
    let name = case.get("type").and_then(Value::as_str).unwrap_or("anything");
    if let Some(format) = case.get("format").and_then(Value::as_str) {
        return format!("{name} ({format})");
    }
    let fields = properties(case).into_iter().flatten().map(|(name, schema)| match schema.get("const") {
        Some(value) => format!("{name} {value}"),
        None => name.clone(),
    });
    let fields: Vec<_> = fields.collect();
    if fields.is_empty() { name.to_owned() } else { format!("{name} with {}", fields.join(", ")) }
}

pub(super) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
