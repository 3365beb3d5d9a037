//! Can code written for the old schema read what the new one allows? The rules are in the documentation of the module.

use serde_json::Value;

use super::cases::{Case, cases};

/// What old code cannot read, one sentence each; empty when it can read everything.
pub(super) fn problems(old: &Value, new: &Value) -> Vec<String> {
    match (old.is_null(), new.is_null()) {
        (true, true) => return Vec::new(),
        (true, false) => return vec!["it was a tombstone, and has a payload now".to_owned()],
        (false, true) => return vec!["it had a payload, and is a tombstone now".to_owned()],
        (false, false) => {}
    }
    let mut compare = Compare { old_root: old, new_root: new, assumed: Vec::new() };
    compare.schemas(old, new, "")
}

struct Compare<'a> {
    old_root: &'a Value,
    new_root: &'a Value,
    /// Pairs of references under comparison: a recursive type is what it is assumed to be.
    assumed: Vec<(String, String)>,
}

fn reference(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()
}

/// `owner.name`, or the payload itself.
fn shown(path: &str) -> String {
    if path.is_empty() { "the payload".to_owned() } else { format!("`{path}`") }
}

fn inside(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Compare<'_> {
    fn schemas(&mut self, old: &Value, new: &Value, path: &str) -> Vec<String> {
        let pair = match (reference(old), reference(new)) {
            (None, None) => None,
            (old, new) => Some((old.unwrap_or_default().to_owned(), new.unwrap_or_default().to_owned())),
        };
        if let Some(pair) = pair.filter(|(old, new)| !old.is_empty() && !new.is_empty()) {
            if self.assumed.contains(&pair) {
                return Vec::new();
            }
            self.assumed.push(pair);
        }
        let (old_cases, new_cases) = (cases(old, self.old_root), cases(new, self.new_root));
        let mut found = Vec::new();
        for new in &new_cases {
            if old_cases.iter().any(|old| self.case(old, new, path).is_empty()) {
                continue;
            }
            let single = (old_cases.len() == 1 && new_cases.len() == 1).then(|| old_cases.first()).flatten();
            match single.or_else(|| old_cases.iter().find(|old| tag(old) == tag(new))) {
                Some(old) => found.extend(self.case(old, new, path)),
                None => {
                    let known: Vec<_> = old_cases.iter().map(describe).collect();
                    let (path, new, known) = (shown(path), describe(new), known.join(", "));
                    found.push(format!("{path} can be {new}, which old consumers do not know: they know {known}"));
                }
            }
        }
        found
    }

    /// One case against one.
    fn case(&mut self, old: &Case, new: &Case, path: &str) -> Vec<String> {
        if let Some(value) = new.get("const") {
            let fits = match old.get("const") {
                Some(known) => known == value,
                None => old.get("type").is_none_or(|name| name == json_type(value)),
            };
            return if fits { Vec::new() } else { vec![changed(old, new, path)] };
        }
        if old.contains_key("const") || old.get("type").is_some_and(|name| Some(name) != new.get("type")) {
            return vec![changed(old, new, path)];
        }
        if old.get("format").is_some_and(|format| !is_within(format, new.get("format"))) {
            return vec![changed(old, new, path)];
        }
        let mut found = self.fields(old, new, path);
        for (keyword, before) in old {
            let after = new.get(keyword);
            match (keyword.as_str(), after) {
                ("type" | "const" | "format" | "properties" | "required", _) => {}
                ("additionalProperties", after) => found.extend(self.others(before, after, path)),
                ("items", Some(after)) => found.extend(self.schemas(before, after, &format!("{path}[]"))),
                ("prefixItems", Some(after)) => found.extend(self.tuple(before, after, path)),
                ("patternProperties", Some(after)) => found.extend(self.patterns(before, after, path)),
                (keyword, after) => {
                    if after != Some(before) && !is_narrower(keyword, before, after) {
                        let after = after.map_or_else(|| "gone".to_owned(), |after| format!("`{after}`"));
                        found.push(format!("{}: `{keyword}` was `{before}`, is {after}", shown(path)));
                    }
                }
            }
        }
        found
    }

    fn fields(&mut self, old: &Case, new: &Case, path: &str) -> Vec<String> {
        let empty = serde_json::Map::new();
        let properties = |case| properties(case).unwrap_or(&empty);
        let mut found = Vec::new();
        for (name, before) in properties(old) {
            let place = inside(path, name);
            match properties(new).get(name) {
                None => found.push(format!("`{place}` was removed or renamed: consumers that use it find nothing")),
                Some(after) => {
                    if is_required(old, name) && !is_required(new, name) {
                        found.push(format!("`{place}` was always there, and may be missing now"));
                    }
                    found.extend(self.schemas(before, after, &place));
                }
            }
        }
        for (name, after) in properties(new) {
            let place = inside(path, name);
            match old.get("additionalProperties") {
                _ if properties(old).contains_key(name) => {}
                Some(Value::Bool(false)) => {
                    found.push(format!("`{place}` is new, and the old schema allowed no other fields"));
                }
                Some(others) => found.extend(self.schemas(others, after, &place)),
                None => {}
            }
        }
        found
    }

    /// The values of a map.
    fn others(&mut self, before: &Value, after: Option<&Value>, path: &str) -> Vec<String> {
        match (before, after) {
            (Value::Bool(true), _) | (_, Some(Value::Bool(false))) => Vec::new(),
            (Value::Bool(false), _) => vec![format!("{} had no other fields, and may have some now", shown(path))],
            (before, after) => {
                let place = if path.is_empty() { "*".to_owned() } else { format!("{path}.*") };
                self.schemas(before, after.unwrap_or(&Value::Bool(true)), &place)
            }
        }
    }

    fn tuple(&mut self, before: &Value, after: &Value, path: &str) -> Vec<String> {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (before, after) = (list(before), list(after));
        let mut found = Vec::new();
        for (place, before) in before.iter().enumerate() {
            let path = format!("{path}[{place}]");
            match after.get(place) {
                Some(after) => found.extend(self.schemas(before, after, &path)),
                None => found.push(format!("`{path}` was removed: consumers that use it find nothing")),
            }
        }
        found
    }

    fn patterns(&mut self, before: &Value, after: &Value, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (pattern, before) in before.as_object().into_iter().flatten() {
            match after.get(pattern) {
                Some(after) => found.extend(self.schemas(before, after, &inside(path, "*"))),
                None => found.push(format!("{} has keys of another form: they were `{pattern}`", shown(path))),
            }
        }
        found
    }
}

fn properties(case: &Case) -> Option<&serde_json::Map<String, Value>> {
    case.get("properties")?.as_object()
}

fn is_required(case: &Case, name: &str) -> bool {
    case.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|known| known == name))
}

fn changed(old: &Case, new: &Case, path: &str) -> String {
    format!("{} was {}, is {}", shown(path), describe(old), describe(new))
}

/// What tells cases apart: the type, and constants of the first level (`{"kind": "card"}`) or the one field of
/// `{"Card": …}`.
fn tag(case: &Case) -> (Option<&Value>, Vec<(&String, Option<&Value>)>) {
    let fields = properties(case);
    let single = fields.is_some_and(|fields| fields.len() == 1);
    let constant = |schema: &'_ Value| schema.get("const").is_some();
    let tags = fields.into_iter().flatten().filter(|(_, schema)| single || constant(schema));
    (case.get("type").or(case.get("const")), tags.map(|(name, schema)| (name, schema.get("const"))).collect())
}

/// `integer (int64)`, `"card"`, `object with kind "card", number`.
fn describe(case: &Case) -> String {
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

fn json_type(value: &Value) -> &'static str {
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

/// Whether each value of the format `new` is one of `old`.
fn is_within(old: &Value, new: Option<&Value>) -> bool {
    let range = |format: &Value| integer_range(format.as_str()?);
    match (new, range(old), new.and_then(range)) {
        (Some(new), _, _) if new == old => true,
        (_, Some((least, most)), Some((new_least, new_most))) => new_least >= least && new_most <= most,
        _ => false,
    }
}

/// Bits below and above zero of an integer format.
fn integer_range(format: &str) -> Option<(i32, i32)> {
    let bits = |text: &str| match text {
        "" => Some(64),
        text => text.parse::<i32>().ok(),
    };
    match (format.strip_prefix("uint"), format.strip_prefix("int")) {
        (Some(text), _) => Some((0, bits(text)?)),
        (None, Some(text)) => bits(text).map(|bits| (1 - bits, bits - 1)),
        (None, None) => None,
    }
}

/// Whether a limit still holds.
fn is_narrower(keyword: &str, before: &Value, after: Option<&Value>) -> bool {
    let (Some(before), Some(after)) = (before.as_f64(), after.and_then(Value::as_f64)) else { return false };
    match keyword {
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => after >= before,
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => after <= before,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::problems;

    fn object(properties: Value, required: Value) -> Value {
        json!({ "type": "object", "properties": properties, "required": required })
    }

    #[track_caller]
    fn passes(old: &Value, new: &Value) {
        assert_eq!(problems(old, new), Vec::<String>::new());
    }

    #[track_caller]
    fn fails(old: &Value, new: &Value, sentence: &str) {
        assert_eq!(problems(old, new), [sentence]);
    }

    #[test]
    fn alternatives_may_go_and_not_come() {
        let one = json!({ "type": "string", "enum": ["card", "cash"] });
        let documented = json!({ "oneOf": [{ "type": "string", "const": "cash" }, { "const": "card" }] });
        let more = json!({ "type": "string", "enum": ["card", "cash", "cheque"] });
        passes(&one, &documented);
        passes(&documented, &one);
        passes(&more, &one);
        fails(&one, &more, r#"the payload can be "cheque", which old consumers do not know: they know "card", "cash""#);
    }

    #[test]
    fn a_change_inside_a_variant_is_told_there() {
        let variant = |kind: &str, field: &str, ty: &str| {
            json!({
                "type": "object", "required": ["kind", field],
                "properties": { "kind": { "const": kind }, field: { "type": ty } },
            })
        };
        let old = json!({ "oneOf": [variant("card", "number", "string"), variant("cash", "amount", "integer")] });
        let new = json!({ "oneOf": [variant("card", "number", "integer"), variant("cash", "amount", "integer")] });
        fails(&old, &new, "`number` was string, is integer");
    }

    #[test]
    fn integers_may_shrink_and_not_grow() {
        let integer = |format: &str| json!({ "type": "integer", "format": format });
        for (old, new) in [("int64", "int32"), ("int64", "uint32"), ("uint32", "uint8"), ("int8", "int8")] {
            passes(&integer(old), &integer(new));
        }
        for (old, new) in [("int32", "int64"), ("uint32", "int64"), ("int64", "uint64"), ("double", "float")] {
            assert_eq!(problems(&integer(old), &integer(new)).len(), 1, "{old} -> {new}");
        }
    }

    #[test]
    fn null_and_absence_may_go_and_not_come() {
        let (plain, nullable) = (json!({ "type": "string" }), json!({ "type": ["string", "null"] }));
        passes(&nullable, &plain);
        fails(&plain, &nullable, "the payload can be null, which old consumers do not know: they know string");
        let field = json!({ "a": plain });
        passes(&object(field.clone(), json!([])), &object(field.clone(), json!(["a"])));
        fails(
            &object(field.clone(), json!(["a"])),
            &object(field, json!([])),
            "`a` was always there, and may be missing now",
        );
    }

    #[test]
    fn closed_types_take_no_more_fields() {
        let mut closed = object(json!({ "a": {} }), json!(["a"]));
        let open = object(json!({ "a": {}, "b": {} }), json!(["a", "b"]));
        passes(&closed, &open);
        closed["additionalProperties"] = json!(false);
        assert_eq!(problems(&closed, &open).len(), 2, "{:?}", problems(&closed, &open));
    }

    #[test]
    fn maps_lists_and_tuples_are_looked_into() {
        let list = |inner: Value| json!({ "type": "array", "items": inner });
        let map = |inner: Value| json!({ "type": "object", "additionalProperties": inner });
        let tuple = |inner: Value| json!({ "type": "array", "prefixItems": [inner], "minItems": 1, "maxItems": 1 });
        let (text, number) = (json!({ "type": "string" }), json!({ "type": "number" }));
        fails(&list(text.clone()), &list(number.clone()), "`[]` was string, is number");
        fails(&map(text.clone()), &map(number.clone()), "`*` was string, is number");
        fails(&tuple(text.clone()), &tuple(number), "`[0]` was string, is number");
        fails(&map(text.clone()), &json!({ "type": "object" }), "`*` was string, is anything");
        let mut longer = tuple(text.clone());
        longer["maxItems"] = json!(2);
        fails(&tuple(text), &longer, "the payload: `maxItems` was `1`, is `2`");
    }

    #[test]
    fn recursive_types_end() {
        let tree = |ty: &str| {
            json!({
                "$ref": "#/$defs/Tree",
                "$defs": { "Tree": {
                    "type": "object", "required": ["value", "children"],
                    "properties": {
                        "value": { "type": ty },
                        "children": { "type": "array", "items": { "$ref": "#/$defs/Tree" } },
                    },
                } },
            })
        };
        passes(&tree("string"), &tree("string"));
        fails(&tree("string"), &tree("integer"), "`value` was string, is integer");
    }
}
