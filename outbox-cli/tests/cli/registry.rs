//! Every code in the sources has exactly one section in `docs/errors.md`, and every section a code in the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use crate::support::root;

/// Codes in the string literals of `text`, as `[OBX-…]`; documentation is no message.
fn codes(tokens: TokenStream, found: &mut Vec<String>) {
    let mut is_doc = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => codes(group.stream(), found),
            TokenTree::Literal(literal) if !is_doc => {
                let text = literal.to_string();
                let parts = text.split("[OBX-").skip(1);
                found.extend(parts.filter_map(|part| Some(format!("OBX-{}", part.split_once(']')?.0))));
            }
            TokenTree::Ident(name) => {
                is_doc = name == "doc";
                continue;
            }
            TokenTree::Punct(sign) if is_doc && sign.as_char() == '=' => continue,
            _ => {}
        }
        is_doc = false;
    }
}

fn sources(directory: &Path, visit: &mut dyn FnMut(&Path, TokenStream)) {
    for entry in std::fs::read_dir(directory).expect("a directory of sources") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            sources(&path, visit);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("UTF-8");
            visit(&path, text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display())));
        }
    }
}

/// Codes that are whole literals, as a finding of the doctor names them.
fn bare_codes(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => bare_codes(group.stream(), found),
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                found.extend(Some(text.trim_matches('"')).filter(|text| text.starts_with("OBX-")).map(str::to_owned));
            }
            _ => {}
        }
    }
}

/// The codes of the sources, with the files that have them.
fn in_sources() -> BTreeMap<String, BTreeSet<String>> {
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for place in ["src", "outbox-macros/src", "outbox-runtime/src"] {
        sources(&root().join(place), &mut |path, tokens| {
            let mut found = Vec::new();
            codes(tokens, &mut found);
            for code in found {
                all.entry(code).or_default().insert(path.display().to_string());
            }
        });
    }
    sources(&root().join("outbox-cli/src/doctor"), &mut |path, tokens| {
        let mut found = Vec::new();
        bare_codes(tokens, &mut found);
        for code in found {
            all.entry(code).or_default().insert(path.display().to_string());
        }
    });
    all
}

fn document() -> String {
    std::fs::read_to_string(root().join("docs/errors.md")).expect("the registry")
}

/// Code and text of each section, in order.
fn sections(document: &str) -> Vec<(String, String)> {
    let parts = document.split("\n## ").skip(1).filter(|part| part.starts_with("OBX-"));
    parts.map(|part| (part.split_whitespace().next().unwrap_or_default().to_owned(), part.to_owned())).collect()
}

#[test]
fn codes_and_sections_are_the_same() {
    let (sources, document) = (in_sources(), document());
    assert!(sources.len() > 15, "the sources are read: {sources:?}");
    let sections: Vec<_> = sections(&document).into_iter().map(|(code, _)| code).collect();
    let unique: BTreeSet<_> = sections.iter().cloned().collect();
    assert_eq!(unique.len(), sections.len(), "a code has one section");
    let unexplained: Vec<_> = sources.iter().filter(|(code, _)| !unique.contains(*code)).collect();
    assert!(unexplained.is_empty(), "no section in docs/errors.md for {unexplained:#?}");
    let unused: Vec<_> = unique.iter().filter(|code| !sources.contains_key(*code)).collect();
    assert!(unused.is_empty(), "no message in the sources has {unused:?}");
}

#[test]
fn sections_stand_in_order_and_have_every_part() {
    let sections = sections(&document());
    let codes: Vec<_> = sections.iter().map(|(code, _)| code.clone()).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    for (code, text) in &sections {
        let heading = text.lines().next().unwrap_or_default();
        assert!(heading.len() > code.len() + 8, "{code} has no title");
        let parts = ["**Why.**", "**Wrong.**", "**Right.**", "**Remedy.**", "**See.**"];
        let places: Vec<_> = parts.iter().map(|part| text.find(part)).collect();
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{code} lacks one of {parts:?}, or their order"
        );
        assert_eq!(text.matches("```").count() % 2, 0, "{code}: an open code block");
        for (at, _) in text.match_indices("](") {
            let target = text[at + 2..].split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            let is_there = file.is_empty() || target.starts_with("http") || root().join("docs").join(file).exists();
            assert!(is_there, "{code} links to {target}, which is not there");
        }
    }
}

/// A code is one rule; several wordings of one rule may share it, and all of them stand in one area.
#[test]
fn a_code_belongs_to_one_area() {
    for (code, files) in in_sources() {
        let number: u32 = code.trim_start_matches("OBX-").parse().expect("digits");
        for file in files.iter().filter(|file| file.contains("outbox-macros/src/diagnostics/")) {
            let area = match number {
                0..20 => "handler.rs",
                20..40 => "emit.rs",
                40..60 => "event.rs",
                60..80 => "guard.rs",
                _ => panic!("{code} in {file}: from OBX-100 on codes are the runtime's"),
            };
            assert!(file.ends_with(area), "{code} in {file}, which is not {area}");
        }
    }
}

/// What a compile error says ends with its code, so that `outbox explain` can be asked.
#[test]
fn every_message_at_compile_time_has_a_code() {
    let mut bare = Vec::new();
    sources(&root().join("outbox-runtime/src"), &mut |path, tokens| unimplemented(tokens, path, &mut bare));
    assert_eq!(bare, Vec::<String>::new(), "messages without a code");
}

/// The `message` of each `#[diagnostic::on_unimplemented]`.
fn unimplemented(tokens: TokenStream, path: &Path, bare: &mut Vec<String>) {
    let mut after = false;
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            if after {
                let mut found = Vec::new();
                codes(group.stream(), &mut found);
                if found.is_empty() {
                    bare.push(format!("{}: {}", path.display(), group.stream()));
                }
            } else {
                unimplemented(group.stream(), path, bare);
            }
        }
        after = matches!(&token, TokenTree::Ident(name) if name == "on_unimplemented");
    }
}
