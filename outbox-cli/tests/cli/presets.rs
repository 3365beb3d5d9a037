//! Every line of the presets bites: clippy runs on the probe workspace, and its hits are compared with the marks there.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use toml_edit::{DocumentMut, Item, Value};

use crate::support::root;

/// File, line and path of a hit.
type Hit = (String, usize, String);

/// What clippy says of the probe.
fn hits() -> BTreeSet<Hit> {
    let target = Path::new(env!("CARGO_BIN_EXE_outbox")).ancestors().nth(2).expect("target/debug/outbox");
    let probe = root().join("lints/probe");
    let run = Command::new(env!("CARGO"))
        .args(["clippy", "--locked", "--quiet", "--message-format=json"])
        .current_dir(&probe)
        .env("CARGO_TARGET_DIR", target)
        .env("CLIPPY_CONF_DIR", root().join("lints"))
        .output()
        .expect("cargo clippy runs");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let messages = String::from_utf8(run.stdout).expect("UTF-8");
    let messages = messages.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let mut hits = BTreeSet::new();
    for message in
        messages.filter(|message| message["reason"] == "compiler-message").map(|found| found["message"].clone())
    {
        let text = message["message"].as_str().unwrap_or_default();
        // Also what clippy says of the preset itself, such as a path that leads nowhere.
        assert!(text.contains("use of a disallowed"), "{}", message["rendered"].as_str().unwrap_or(text));
        let path = text.split('`').nth(1).expect("a path in backquotes").to_owned();
        let span =
            message["spans"].as_array().expect("spans").iter().find(|span| span["is_primary"] == true).expect("one");
        let line = span["line_start"].as_u64().expect("a number");
        let file = span["file_name"].as_str().expect("a name").to_owned();
        hits.insert((file, usize::try_from(line).expect("a line"), path));
    }
    hits
}

/// What the probe's comments say: `// hits:` is about the line below.
fn marks() -> BTreeSet<Hit> {
    let mut marks = BTreeSet::new();
    for file in std::fs::read_dir(root().join("lints/probe/src")).expect("the probe") {
        let file = file.expect("a file").path();
        let name = format!("src/{}", file.file_name().expect("a name").to_string_lossy());
        for (at, line) in std::fs::read_to_string(&file).expect("UTF-8").lines().enumerate() {
            if let Some(paths) = line.trim_start().strip_prefix("// hits: ") {
                marks.extend(paths.split(", ").map(|path| (name.clone(), at + 2, path.to_owned())));
            }
        }
    }
    marks
}

fn list<'d>(document: &'d DocumentMut, path: &[&str]) -> Vec<&'d Value> {
    let mut item: &Item = document.as_item();
    for key in path {
        item = &item[key];
    }
    item.as_array().unwrap_or_else(|| panic!("{path:?} is no list")).iter().collect()
}

fn text<'v>(entry: &'v Value, key: &str) -> &'v str {
    entry.as_inline_table().and_then(|table| table.get(key)?.as_str()).unwrap_or_else(|| panic!("{entry} has no {key}"))
}

fn preset(file: &str) -> DocumentMut {
    std::fs::read_to_string(root().join("lints").join(file)).expect("the preset").parse().expect("TOML")
}

/// Lines of the preset that nothing hits.
fn toothless(preset: &DocumentMut, hits: &BTreeSet<Hit>) -> Vec<String> {
    let lists = ["disallowed-methods", "disallowed-types"];
    let paths = lists.iter().flat_map(|name| list(preset, &[name])).map(|entry| text(entry, "path").to_owned());
    paths.filter(|path| !hits.iter().any(|(_, _, hit)| hit == path)).collect()
}

#[test]
fn every_line_of_the_clippy_preset_bites_and_innocent_code_is_left_alone() {
    let (hits, marks, preset) = (hits(), marks(), preset("clippy.toml"));
    assert_eq!(toothless(&preset, &hits), Vec::<String>::new(), "these lines do nothing");
    let missed: Vec<_> = marks.difference(&hits).collect();
    let too_many: Vec<_> = hits.difference(&marks).collect();
    assert!(missed.is_empty() && too_many.is_empty(), "not hit: {missed:#?}\nhit without a mark: {too_many:#?}");
    assert!(marks.iter().any(|(file, ..)| file.ends_with("of_rdkafka.rs")), "the marks are read");

    // The reason for this test: a re-exported path is taken without a word, and does nothing.
    let mut toothless_line = preset.clone();
    let methods = toothless_line["disallowed-methods"].as_array_mut().expect("a list");
    methods
        .push(r#"{ path = "rdkafka::producer::FutureProducer::send", reason = "" }"#.parse::<Value>().expect("TOML"));
    assert_eq!(toothless(&toothless_line, &hits), ["rdkafka::producer::FutureProducer::send"]);
}

/// Published clients that the probe does not build.
const BY_NAME: [&str; 6] = ["kafkang", "confluent-kafka", "kacrab", "kafrust", "kafka_client", "kafkit-client"];

/// Without cargo-deny on the machine this is all that is checked of its preset: that it names real crates.
#[test]
fn the_deny_preset_names_crates_that_exist() {
    let lock: DocumentMut =
        std::fs::read_to_string(root().join("lints/probe/Cargo.lock")).expect("a lock file").parse().expect("TOML");
    let locked: Vec<_> = lock["package"].as_array_of_tables().expect("packages").iter().collect();
    let names: Vec<_> = locked.iter().filter_map(|package| package["name"].as_str()).collect();
    let preset = preset("deny.toml");
    let entries = list(&preset, &["bans", "deny"]);
    assert!(entries.len() > 5);
    for entry in entries {
        let banned = text(entry, "crate");
        assert!(names.contains(&banned) || BY_NAME.contains(&banned), "the probe does not use `{banned}`");
        let wrappers = entry.as_inline_table().and_then(|table| table.get("wrappers")?.as_array()).expect("wrappers");
        for wrapper in wrappers.iter().filter_map(Value::as_str) {
            assert!(names.contains(&wrapper) || wrapper == "outbox-runtime", "no crate is called `{wrapper}`");
        }
    }
}

/// The probe depends on every client and is no wrapper: cargo-deny names each of them.
#[test]
fn cargo_deny_bans_every_client_where_it_is_installed() {
    let probe = root().join("lints/probe");
    let is_there =
        Command::new(env!("CARGO")).args(["deny", "--version"]).output().is_ok_and(|run| run.status.success());
    if !is_there {
        eprintln!("cargo-deny is not on PATH: its preset is checked by structure alone");
        return;
    }
    let config = root().join("lints/deny.toml");
    let run = Command::new(env!("CARGO"))
        .args(["deny", "--offline", "--config"])
        .arg(config)
        .args(["check", "bans"])
        .current_dir(probe)
        .output()
        .expect("cargo deny runs");
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(!run.status.success(), "{said}");
    for client in ["rdkafka", "rskafka", "kafka", "krafka", "samsa"] {
        assert!(said.contains(&format!("crate '{client} ")), "{client} is not banned:\n{said}");
    }
}
