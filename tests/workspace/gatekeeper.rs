//! `docs/gatekeeper.md`: its tables are made from the ui cases, so that no row is there that nothing proves.
//!
//! A case belongs to the tables by a line `// gate: KIND | WAY | NETS`. In `tests/ui/fail` NETS is `net 1` or
//! `nets 1, 2, 3`: the macro refuses it. In `tests/ui/pass` it is `missed by 1; nets 2, 3` or `missed`, and the file is
//! called `miss_…`: it compiles. `OUTBOX_UPDATE_DOCS=1 cargo test --test workspace gatekeeper` writes the tables.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::root;

/// One row of a table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gate {
    pub(crate) case: String,
    way: String,
    pub(crate) nets: Vec<u8>,
}

impl Gate {
    pub(crate) fn is_missed(&self) -> bool {
        !self.nets.contains(&1)
    }

    pub(crate) fn path(&self) -> PathBuf {
        let place = if self.is_missed() { "pass" } else { "fail" };
        root().join("tests/ui").join(place).join(format!("{}.rs", self.case))
    }
}

/// Heading of a table, and what its cases say of themselves.
const KINDS: [(&str, &str); 2] = [("sends", "send"), ("statements", "statement")];

const SIGN: &str = "gate: ";

#[test]
fn the_gatekeeper_page_says_what_the_tests_prove() {
    let cases: Vec<_> = ["fail", "pass"].into_iter().flat_map(cases).collect();
    let path = root().join("docs/gatekeeper.md");
    let page = fs::read_to_string(&path).expect("docs/gatekeeper.md");
    let mut current = page.clone();
    let mut known = 0;
    for (heading, kind) in KINDS {
        let gates: Vec<_> = cases.iter().filter(|(of, _)| of == kind).map(|(_, gate)| gate).collect();
        known += gates.len();
        current = replaced(&current, heading, &table(&gates));
    }
    assert_eq!(known, cases.len(), "a gate line names no known kind");
    if current == page {
        return;
    }
    assert!(
        std::env::var_os("OUTBOX_UPDATE_DOCS").is_some(),
        "docs/gatekeeper.md is not what the ui cases say; OUTBOX_UPDATE_DOCS=1 cargo test --test workspace gatekeeper"
    );
    fs::write(path, current).expect("a writable page");
}

/// All rows about sends.
pub(crate) fn sends() -> Vec<Gate> {
    let all = ["fail", "pass"].into_iter().flat_map(cases);
    all.filter(|(kind, _)| kind == "send").map(|(_, gate)| gate).collect()
}

/// The cases of one directory that say which net they belong to, with their kind, by name.
fn cases(place: &str) -> Vec<(String, Gate)> {
    let directory = root().join("tests/ui").join(place);
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).expect("the ui cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        let case = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        let text = fs::read_to_string(&path).expect("a readable case");
        let gates: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim_start_matches("//!").trim_start_matches("//").trim_start().strip_prefix(SIGN))
            .map(|line| read(place, &case, line))
            .collect();
        assert_eq!(case.starts_with("miss_"), place == "pass" && !gates.is_empty(), "{place}/{case}: name and gate");
        if place == "fail" && !gates.is_empty() {
            refused_by_the_guard(&case);
        }
        found.extend(gates);
    }
    found.sort_by(|(_, a), (_, b)| a.case.cmp(&b.case));
    found
}

fn read(place: &str, case: &str, line: &str) -> (String, Gate) {
    let parts: Vec<_> = line.split(" | ").map(str::trim).collect();
    let [kind, way, says] = parts[..] else { panic!("{case}: `KIND | WAY | NETS`, not {line}") };
    let nets: Vec<u8> = match (place, says.strip_prefix("missed")) {
        ("fail", None) => digits(says),
        ("pass", Some("")) => Vec::new(),
        ("pass", Some(rest)) => digits(rest.strip_prefix(" by 1;").expect("`missed by 1; nets …`")),
        _ => panic!("{place}/{case}: {says}"),
    };
    assert_eq!(nets.contains(&1), place == "fail", "{place}/{case}: {says}");
    (kind.to_owned(), Gate { case: case.to_owned(), way: way.to_owned(), nets })
}

fn digits(says: &str) -> Vec<u8> {
    let nets: Vec<u8> = says.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect();
    assert!(!nets.is_empty() && nets.iter().all(|net| (1..=3).contains(net)), "{says}");
    nets
}

/// It could fail to compile for any reason; it must for this one.
fn refused_by_the_guard(case: &str) {
    let said = fs::read_to_string(root().join(format!("tests/ui/fail/{case}.stderr"))).expect("what rustc says");
    let ours = [
        "raw Kafka send",
        "outside the handler's transaction",
        "outside the database transaction",
        "[OBX-06",
        "[OBX-07",
    ];
    assert!(ours.iter().any(|words| said.contains(words)), "{case} is refused, but not by the guard:\n{said}");
}

fn table(gates: &[&Gate]) -> String {
    let mut text = String::from("| way | 1 macro | 2 clippy | 3 cargo-deny | case |\n|---|---|---|---|---|\n");
    for Gate { case, way, nets } in gates {
        let cell = |net| if nets.contains(&net) { "caught" } else { "—" };
        let place = if nets.contains(&1) { "fail" } else { "pass" };
        let missed = if nets.is_empty() { "**missed**" } else { cell(1) };
        let (clippy, deny) = (cell(2), cell(3));
        writeln!(text, "| {way} | {missed} | {clippy} | {deny} | [`{case}`](../tests/ui/{place}/{case}.rs) |")
            .expect("a String");
    }
    text
}

/// `page` with `table` between the marks of `heading`.
fn replaced(page: &str, heading: &str, table: &str) -> String {
    let (begin, end) = (format!("<!-- {heading}: generated -->\n"), format!("<!-- {heading}: end -->"));
    let (before, rest) = page.split_once(&begin).unwrap_or_else(|| panic!("docs/gatekeeper.md has no {begin}"));
    let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("docs/gatekeeper.md has no {end}"));
    format!("{before}{begin}\n{table}\n{end}{after}")
}

#[test]
fn a_gate_line_is_read() {
    let (kind, gate) = read("pass", "miss_x", "send | a way | missed by 1; nets 2, 3");
    assert_eq!(kind, "send");
    assert_eq!(gate, Gate { case: "miss_x".into(), way: "a way".into(), nets: vec![2, 3] });
    assert!(table(&[&gate]).contains("| a way | — | caught | caught |"));
    let (_, gate) = read("pass", "miss_x", "send | a way | missed");
    assert!(table(&[&gate]).contains("| a way | **missed** | — | — |"));
}
