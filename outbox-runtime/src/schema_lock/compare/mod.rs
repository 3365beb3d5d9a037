//! Can code written for the old schema read what the new one allows? The rules are in the documentation of the module.

mod limits;
#[cfg(test)]
mod tests;
mod words;

use serde_json::Value;

use self::limits::{is_narrower, is_within};
use self::words::{changed, describe, inside, json_type, shown, tag};
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
