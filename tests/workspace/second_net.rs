//! What `docs/gatekeeper.md` says of net 2, shown by clippy itself: the ui cases go through it, without the attribute where
//! that would stop them first.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::gatekeeper::{self, Gate};
use crate::root;

const MANIFEST: &str = r#"[package]
name = "gatekeeper-second-net"
edition = "2024"
publish = false

[dependencies]
async-trait = "0.1"
axum = { version = "0.8", default-features = false, features = ["http1", "json", "tokio"] }
outbox = { path = "../..", features = ["postgres", "sqlite", "kafka"] }
rdkafka = { version = "0.39", default-features = false, features = ["libz", "tokio"] }
serde = { version = "1", features = ["derive"] }
sqlx = { version = "0.9", default-features = false, features = ["macros", "runtime-tokio", "postgres", "sqlite"] }
tokio = { version = "1", features = ["full"] }

[workspace]

[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"#;

#[test]
fn clippy_sees_what_the_gatekeeper_page_says() {
    // Other clients are proved by `lints/probe`; where the send is in a part that a case only speaks of, there is nothing
    // to see in the case.
    let text = |gate: &Gate| fs::read_to_string(gate.path()).expect("a readable case");
    let mut gates = gatekeeper::sends();
    gates.retain(|gate| text(gate).contains("use rdkafka"));
    let package = root().join("target/gatekeeper");
    let sources = package.join("src/bin");
    if sources.exists() {
        fs::remove_dir_all(&sources).expect("the sources of an earlier run");
    }
    fs::create_dir_all(&sources).expect("a directory");
    fs::write(package.join("Cargo.toml"), MANIFEST).expect("a writable manifest");
    fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).expect("the same versions");
    for gate in &gates {
        let text = text(gate);
        // What net 1 refuses would not reach net 2.
        let without = |line: &&str| gate.is_missed() || !line.trim_start().starts_with("#[transactional_event");
        let lines: Vec<_> = text.lines().filter(without).filter(|line| *line != "#![deny(warnings)]").collect();
        fs::write(sources.join(format!("{}.rs", gate.case)), lines.join("\n")).expect("a writable case");
    }
    let caught = caught(&package);
    for gate in &gates {
        assert_eq!(caught.contains(&gate.case), gate.nets.contains(&2), "{}: net 2", gate.case);
    }
}

/// The cases in which clippy finds something disallowed.
fn caught(package: &std::path::Path) -> BTreeSet<String> {
    let lints = root().join("lints");
    assert!(lints.join("clippy.toml").exists(), "no lints/clippy.toml: net 2 is not there");
    let out = Command::new(env!("CARGO"))
        .args(["clippy", "--offline", "--keep-going", "--message-format=json", "--bins"])
        .current_dir(package)
        .env("CLIPPY_CONF_DIR", lints)
        .env("CARGO_TARGET_DIR", root().join("target"))
        .output()
        .expect("cargo clippy runs");
    let said = String::from_utf8_lossy(&out.stdout);
    let messages: Vec<serde_json::Value> = said.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let text = |message: &serde_json::Value, path: &str| message.pointer(path)?.as_str().map(str::to_owned);
    let errors: Vec<_> = messages
        .iter()
        .filter(|message| text(message, "/message/level").as_deref() == Some("error"))
        .filter_map(|message| text(message, "/message/rendered"))
        .collect();
    let bare = errors.iter().find(|error| !error.contains("disallowed"));
    assert!(
        out.status.success() || bare.is_none() && !errors.is_empty(),
        "{errors:?}\n{}",
        String::from_utf8_lossy(&out.stderr)
    );
    messages
        .iter()
        .filter(|message| {
            text(message, "/message/code/code").is_some_and(|code| code.starts_with("clippy::disallowed_"))
        })
        .filter_map(|message| text(message, "/target/name"))
        .collect()
}
