//! Holds the architecture: what depends on what, read from cargo and the sources.

mod gatekeeper;
mod second_net;

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) fn root() -> &'static Path {
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

/// Whether a line reaches for another station: `crate::relay`, `super::relay`, or `relay` in a `use crate::{…}`.
fn names(line: &str, station: &str) -> bool {
    let grouped = line.trim_start().starts_with("use crate::{")
        && line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == station);
    grouped || line.contains(&format!("crate::{station}")) || line.contains(&format!("super::{station}::"))
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
                let hit = code.iter().find(|line| names(line, station));
                assert!(hit.is_none(), "{} mentions {station}: {hit:?}", path.display());
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

/// What everything here is built and tested with is what we say that we need.
#[test]
fn the_stated_rust_version_is_the_tested_one() {
    assert_eq!(minor("Cargo.toml", "rust-version"), minor("rust-toolchain.toml", "channel"));
}

/// The macros leave the producers of this version to the runtime.
#[test]
fn the_macros_know_the_runtimes_rdkafka() {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("the manifest");
    let clients = std::fs::read_to_string(root().join("outbox-macros/src/guard/clients.rs")).expect("the clients");
    let (_, version) = manifest.split_once("\nrdkafka = { version = \"").expect("a dependency on rdkafka");
    let (version, _) = version.split_once('"').expect("a version");
    let known = format!("const RDKAFKA: (u64, u64) = ({});", version.replace('.', ", "));
    assert!(clients.contains(&known), "{known}");
}

/// A NOTIFY inside a transaction takes one global lock through its commit: all writers would queue up behind each other.
#[test]
fn t15_nothing_notifies_inside_a_transaction() {
    let migrations = root().join("outbox-runtime/migrations/postgres");
    let files = std::fs::read_dir(migrations).expect("the migrations").map(|file| file.expect("a file").path());
    let mut looked = 0;
    let sql = files.map(|path| (path.clone(), std::fs::read_to_string(path).expect("readable")));
    for (path, text) in sql.chain(sources("transaction")).chain(sources("store")) {
        looked += 1;
        let code = text.lines().filter(|line| !["//", "--"].iter().any(|mark| line.trim_start().starts_with(mark)));
        for line in code {
            let upper = line.to_uppercase();
            assert!(!upper.contains("NOTIFY ") && !upper.contains("PG_NOTIFY"), "{}: {line}", path.display());
            let is_trigger = path.extension().is_some_and(|end| end == "sql") && upper.contains("TRIGGER");
            assert!(!is_trigger, "{}: a trigger could: {line}", path.display());
        }
    }
    assert!(looked > 20, "only {looked} files: the test looks at nothing");
}
