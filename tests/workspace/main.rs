//! Holds the architecture: what depends on what, read from cargo and the sources.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tree(features: &[&str]) -> String {
    let out = Command::new(env!("CARGO"))
        .args(["tree", "-p", "outbox", "-e", "normal", "--prefix", "none"])
        .args(features)
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).expect("cargo prints UTF-8")
}

#[test]
fn a_writer_does_not_compile_librdkafka() {
    assert!(!tree(&["--no-default-features", "--features", "postgres"]).contains("rdkafka"));
    assert!(tree(&[]).contains("rdkafka"));
}

fn sources(place: &str) -> Vec<(PathBuf, String)> {
    let base = root().join("outbox-runtime/src");
    let mut found = Vec::new();
    let mut left = vec![base.join(place), base.join(format!("{place}.rs"))];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a readable directory");
            left.extend(entries.map(|e| e.expect("a readable entry").path()));
        } else if path.extension().is_some_and(|e| e == "rs") && path.exists() {
            let text = std::fs::read_to_string(&path).expect("a readable source");
            found.push((path, text));
        }
    }
    assert!(!found.is_empty(), "no sources under {place}: the test looks at nothing");
    found
}

#[test]
fn data_moves_one_way() {
    let rules: [(&str, &[&str]); 4] = [
        ("event", &["record", "store", "relay", "sink"]),
        ("record", &["store", "relay", "sink"]),
        ("store", &["sink", "relay"]),
        ("sink", &["store", "relay"]),
    ];
    for (place, later) in rules {
        for (path, text) in sources(place) {
            let code: Vec<_> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            for station in later {
                let hit = code.iter().find(|l| l.contains(&format!("crate::{station}")));
                assert!(hit.is_none(), "{} mentions crate::{station}: {hit:?}", path.display());
            }
        }
    }
}

fn minor(file: &str, key: &str) -> u32 {
    let text = std::fs::read_to_string(root().join(file)).expect("a readable manifest");
    let line = text.lines().find(|l| l.starts_with(key)).expect("the key is present");
    let version = line.split('"').nth(1).expect("a quoted version");
    version.split('.').nth(1).and_then(|m| m.parse().ok()).expect("a version 1.x")
}

#[test]
fn msrv_is_not_newer_than_the_toolchain() {
    assert!(minor("Cargo.toml", "rust-version") <= minor("rust-toolchain.toml", "channel"));
}
