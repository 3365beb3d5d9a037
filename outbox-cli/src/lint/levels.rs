//! Whether the lints are on in a crate: by its manifest, the workspace's, or the attributes at the top of its source.

use std::path::Path;

use syn::{Attribute, Meta};
use toml_edit::{DocumentMut, Item};

/// How a lint stands in a crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// An error: `deny` or `forbid`.
    On,
    /// At most a warning.
    Weak,
    /// Allowed, with a reason, on the line.
    Excused(usize),
    /// Allowed without a reason, on the line.
    Silenced(usize),
}

/// Whether a member takes the workspace's lints.
pub(crate) fn inherits(manifest: &DocumentMut) -> bool {
    manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Item::as_bool) == Some(true)
}

/// The level of `lint` by the manifests.
pub(crate) fn by_manifest(member: &DocumentMut, workspace: &DocumentMut, lint: &str) -> Level {
    let lints = if inherits(member) {
        workspace.get("workspace").and_then(|workspace| workspace.get("lints"))
    } else {
        member.get("lints")
    };
    let entry = lints.and_then(|lints| lints.get("clippy")).and_then(|clippy| clippy.get(lint));
    let level = entry.and_then(|entry| entry.as_str().or_else(|| entry.get("level").and_then(Item::as_str)));
    if matches!(level, Some("deny" | "forbid")) { Level::On } else { Level::Weak }
}

/// What the inner attributes of the crate's root file say of `lint`, if anything. The last one counts, as in rustc.
pub(crate) fn by_source(root: &Path, lint: &str) -> Option<Level> {
    let text = std::fs::read_to_string(root).ok()?;
    let file = syn::parse_file(&text).ok()?;
    file.attrs.iter().filter_map(|attribute| by_attribute(attribute, lint)).next_back()
}

fn by_attribute(attribute: &Attribute, lint: &str) -> Option<Level> {
    let Meta::List(list) = &attribute.meta else { return None };
    let line = attribute.pound_token.span.start().line;
    let (mut named, mut reason) = (false, false);
    list.parse_nested_meta(|meta| {
        named |= meta.path.segments.last().is_some_and(|segment| segment.ident == lint);
        if meta.path.is_ident("reason") {
            let text: syn::LitStr = meta.value()?.parse()?;
            reason = !text.value().trim().is_empty();
        }
        Ok(())
    })
    .ok()?;
    let level = list.path.get_ident()?.to_string();
    match level.as_str() {
        _ if !named => None,
        "deny" | "forbid" => Some(Level::On),
        "warn" => Some(Level::Weak),
        "allow" | "expect" if reason => Some(Level::Excused(line)),
        "allow" | "expect" => Some(Level::Silenced(line)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(text: &str) -> DocumentMut {
        text.parse().expect("TOML")
    }

    #[test]
    fn a_level_comes_from_where_cargo_takes_it() {
        let on = manifest("[workspace.lints.clippy]\ndisallowed_methods = { level = \"deny\", priority = 1 }\n");
        let inherits = manifest("[lints]\nworkspace = true\n");
        let alone = manifest("[package]\nname = \"x\"\n");
        let own = manifest("[lints.clippy]\ndisallowed_methods = \"forbid\"\n");
        let level = |member| by_manifest(member, &on, "disallowed_methods");
        assert_eq!(level(&inherits), Level::On);
        assert_eq!(level(&alone), Level::Weak);
        assert_eq!(level(&own), Level::On);
        assert_eq!(by_manifest(&inherits, &on, "disallowed_types"), Level::Weak);
    }

    #[test]
    fn attributes_are_read() {
        let level = |text: &str| {
            let file = syn::parse_file(text).expect("Rust");
            file.attrs.iter().filter_map(|attribute| by_attribute(attribute, "disallowed_methods")).next_back()
        };
        assert_eq!(level("#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]"), Some(Level::On));
        assert_eq!(
            level("//! Doc.\n#![allow(clippy::disallowed_methods, reason = \"the relay\")]"),
            Some(Level::Excused(2))
        );
        assert_eq!(level("#![allow(clippy::disallowed_methods)]"), Some(Level::Silenced(1)));
        assert_eq!(level("#![allow(dead_code)]"), None);
    }
}
