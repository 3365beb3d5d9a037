//! A schema as a list of cases: `oneOf`, `anyOf`, `enum`, several types and references taken apart, so that two schemas
//! are compared case by case.

use serde_json::{Map, Value};

/// Keywords that hold together, without alternatives.
pub(super) type Case = Map<String, Value>;

/// References are followed this deep; a type that is nothing but itself ends here.
const DEPTH_MAX: usize = 16;

/// What `schema` allows, within the document `root`.
pub(super) fn cases(schema: &Value, root: &Value) -> Vec<Case> {
    take_apart(schema, root, 0)
}

fn take_apart(schema: &Value, root: &Value, depth: usize) -> Vec<Case> {
    let Value::Object(schema) = schema else {
        return if *schema == Value::Bool(false) { Vec::new() } else { vec![Case::new()] };
    };
    let mut base = Case::new();
    let mut factors: Vec<Vec<Case>> = Vec::new();
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            ("$defs", _) => {}
            ("$ref", Value::String(reference)) if depth < DEPTH_MAX => {
                if let Some(target) = resolve(reference, root) {
                    factors.push(take_apart(target, root, depth + 1));
                }
            }
            ("oneOf" | "anyOf", Value::Array(branches)) => {
                factors.push(branches.iter().flat_map(|branch| take_apart(branch, root, depth)).collect());
            }
            ("allOf", Value::Array(parts)) => factors.extend(parts.iter().map(|part| take_apart(part, root, depth))),
            ("enum", Value::Array(values)) => factors.push(values.iter().map(|value| case("const", value)).collect()),
            ("type", Value::Array(types)) => factors.push(types.iter().map(|name| case("type", name)).collect()),
            _ => {
                base.insert(keyword.clone(), value.clone());
            }
        }
    }
    let mut cases = vec![base];
    for factor in factors {
        cases = cases.iter().flat_map(|one| factor.iter().map(|other| merge(one, other))).collect();
    }
    cases.into_iter().map(simple).collect()
}

fn case(keyword: &str, value: &Value) -> Case {
    Case::from_iter([(keyword.to_owned(), value.clone())])
}

fn resolve<'a>(reference: &str, root: &'a Value) -> Option<&'a Value> {
    let pointer = reference.strip_prefix('#')?;
    root.pointer(pointer)
}

/// Both hold.
fn merge(one: &Case, other: &Case) -> Case {
    let mut merged = one.clone();
    for (keyword, value) in other {
        match (merged.get_mut(keyword), value) {
            (Some(Value::Object(known)), Value::Object(more)) if keyword == "properties" => {
                known.extend(more.clone());
            }
            (Some(Value::Array(known)), Value::Array(more)) if keyword == "required" => {
                known.extend(more.iter().cloned());
            }
            _ => {
                merged.insert(keyword.clone(), value.clone());
            }
        }
    }
    merged
}

/// `null` has neither format nor limits, and a constant has its type by itself.
fn simple(mut case: Case) -> Case {
    if case.get("type").is_some_and(|name| name == "null") || case.get("const") == Some(&Value::Null) {
        return Case::from_iter([("type".to_owned(), Value::from("null"))]);
    }
    if case.contains_key("const") {
        case.retain(|keyword, _| keyword == "const");
    }
    case
}
