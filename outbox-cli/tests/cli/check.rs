//! `outbox lint check`, both directions: what is wrong is found, what is right is not.

use crate::support::Fixture;

/// `file:line check` of each finding, and the whole of it.
fn findings(fixture: &Fixture) -> (i32, Vec<(String, String)>) {
    let run = fixture.lint(&["check", "--json"]);
    let report: serde_json::Value =
        serde_json::from_str(&run.out).unwrap_or_else(|_| panic!("{}\n{}", run.out, run.err));
    let findings = report["findings"].as_array().expect("a list").iter().map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let place = format!("{}:{} {}", text("file"), finding["line"], text("check"));
        (place, format!("{} | {}", text("message"), text("help")))
    });
    (run.code, findings.collect())
}

fn of(check: &str, fixture: &Fixture) -> Vec<String> {
    let (_, all) = findings(fixture);
    all.into_iter().filter(|(place, _)| place.ends_with(check)).map(|(_, text)| text).collect()
}

#[test]
fn a_right_workspace_is_clean() {
    let fixture = Fixture::new("shop");
    assert_eq!(fixture.lint(&["init", "--allow", "shop"]).code, 0);
    let (code, findings) = findings(&fixture);
    assert_eq!((code, findings), (0, vec![]));
    let run = fixture.lint(&["check"]);
    assert!(
        run.out.contains("note: `shop` may depend on `rdkafka`") && run.out.ends_with("no findings\n"),
        "{}",
        run.out
    );
}

#[test]
fn handlers_that_reach_a_send_are_told_with_the_way() {
    let fixture = Fixture::new("bank");
    let told = of("audit", &fixture);
    let ways = [
        ("by_function", "`notify` (bank/src/aside.rs:9)"),
        ("by_two", "`first` → `second` (bank/src/aside.rs:18)"),
        ("by_type", "`Publisher::publish` (bank/src/publisher.rs:11)"),
        ("by_trait", "`KafkaBus::publish` (bank/src/publisher.rs:46)"),
        ("in_a_macro", "`notify` (bank/src/aside.rs:9)"),
        ("by_another_crate", "`announce` (events/src/lib.rs:15)"),
        ("by_name_alone", "`Announcer::announce_all` (events/src/lib.rs:10)"),
        ("by_generic", "`Typed::open` (bank/src/publisher.rs:32)"),
        ("as_a_value", "`by_static` (bank/src/aside.rs:24)"),
        ("by_variant", "`Sink::put` (bank/src/publisher.rs:75)"),
        ("by_variant", "`Sink::put_named` (bank/src/publisher.rs:82)"),
        ("by_parameter", "`KafkaBus::publish` (bank/src/publisher.rs:46)"),
        ("by_deref", "`KafkaBus::publish` (bank/src/publisher.rs:46)"),
        ("by_client", "`Plain::put_plain` (events/src/lib.rs:24)"),
        ("Service::place", "`Service::ping` (bank/src/service.rs:17)"),
    ];
    for (handler, way) in ways {
        let wanted = format!("handler `{handler}` reaches a Kafka send through {way}");
        assert_eq!(told.iter().filter(|text| text.starts_with(&wanted)).count(), 1, "{wanted}\n{told:#?}");
    }
    for handler in ["by_itself", "by_handle"] {
        let wanted = format!("handler `{handler}` sends to Kafka itself: `.send_result(`");
        assert_eq!(told.iter().filter(|text| text.starts_with(&wanted)).count(), 1, "{wanted}\n{told:#?}");
    }
    assert_eq!(told.len(), ways.len() + 2, "nothing else: {told:#?}");
}

#[test]
fn a_finding_stands_at_the_call() {
    let fixture = Fixture::new("bank");
    let text = fixture.read("bank/src/handlers.rs");
    let line = text.lines().position(|line| line.contains("first(app)")).expect("the call") + 1;
    let run = fixture.lint(&["check"]);
    assert_eq!(run.code, 1);
    assert!(run.out.contains(&format!("bank/src/handlers.rs:{line}: warning: handler `by_two`")), "{}", run.out);
}

#[test]
fn the_lines_to_add_are_proposed() {
    let lines: Vec<_> = of("deny_raw", &Fixture::new("bank"))
        .iter()
        .filter_map(|text| text.split(" | ").nth(1).map(str::to_owned))
        .collect();
    let wanted = [
        "outbox::deny_raw!(crate::publisher::Publisher);",
        "outbox::deny_raw!(crate::publisher::Outer);",
        "outbox::deny_raw!(<P: Producer> crate::publisher::Typed<P>);",
        "outbox::deny_raw!(trait crate::publisher::Bus);",
        "outbox::deny_raw!(crate::publisher::Clients);",
        "outbox::deny_raw!(crate::publisher::Sink);",
        "outbox::deny_raw!(crate::publisher::SendJob);",
        "outbox::deny_raw!(events::Announcer);",
        "outbox::deny_raw!(events::Plain);",
    ];
    let wanted: Vec<_> = wanted.iter().map(|line| format!("add to `bank`: {line}")).collect();
    assert_eq!(lines, wanted, "and none for the state, the service, or the implementer of a proposed trait");
}

#[test]
fn what_is_denied_is_not_proposed() {
    let fixture = Fixture::new("bank");
    let file = "bank/src/publisher.rs";
    fixture.write(file, &format!("outbox::deny_raw!(Publisher, trait Bus);\n{}", fixture.read(file)));
    let told = of("deny_raw", &fixture);
    assert!(told.iter().all(|text| !text.contains("::Publisher") && !text.contains("::Bus")), "{told:#?}");
    assert_eq!(told.len(), 7);
}

#[test]
fn who_may_depend_on_a_client_is_checked() {
    let fixture = Fixture::new("bank");
    assert_eq!(fixture.lint(&["init", "--allow", "relay"]).code, 0);
    let told = of("dependency", &fixture);
    let wanted = ["`bank` depends on `rdkafka`", "`events` depends on `rdkafka`", "`events` depends on `rskafka`"];
    assert_eq!(told.len(), wanted.len(), "behind a rename too: {told:#?}");
    for (text, wanted) in told.iter().zip(wanted) {
        assert!(text.starts_with(wanted), "{text}");
    }
    assert_eq!(fixture.lint(&["init", "--allow", "bank", "--allow", "events"]).code, 0);
    assert_eq!(of("dependency", &fixture), Vec::<String>::new());
}

#[test]
fn lints_that_are_off_are_told() {
    let fixture = Fixture::new("bank");
    assert_eq!(fixture.lint(&["init"]).code, 0);
    assert_eq!(of("level", &fixture).len(), 2, "bank and events; the relay says why");
    fixture.inherit("bank");
    let file = "events/src/lib.rs";
    let source = fixture.read(file);
    fixture.write(file, &format!("#![forbid(clippy::disallowed_methods)]\n{source}"));
    let told = of("level", &fixture);
    assert!(
        told.len() == 1 && told[0].contains("no error in events/src/lib.rs: clippy::disallowed_types |"),
        "{told:#?}"
    );
    fixture.write(file, &format!("#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]\n{source}"));
    assert_eq!(of("level", &fixture), Vec::<String>::new());
    fixture.write(file, &format!("#![allow(clippy::disallowed_methods, clippy::disallowed_types)]\n{source}"));
    assert_eq!(of("reason", &fixture).len(), 1);
}

#[test]
fn a_client_for_tests_alone_is_a_matter_of_deny_toml() {
    let fixture = Fixture::new("bank");
    let manifest = fixture.read("events/Cargo.toml").replace("[dependencies]", "[dev-dependencies]");
    fixture.write("events/Cargo.toml", &manifest);
    assert_eq!(fixture.lint(&["init", "--allow", "bank", "--allow", "relay"]).code, 0);
    fixture.inherit("bank");
    assert_eq!(of("level", &fixture), Vec::<String>::new(), "its own code cannot send");
    let told = of("dependency", &fixture);
    assert!(told.len() == 2 && told[0].starts_with("`events` depends on `rdkafka`"), "{told:#?}");
}

#[test]
fn presets_that_lack_a_line_or_are_hidden_are_told() {
    let fixture = Fixture::new("bank");
    assert_eq!(of("preset", &fixture).len(), 2, "neither file is there");
    assert_eq!(fixture.lint(&["init"]).code, 0);
    assert_eq!(of("preset", &fixture), Vec::<String>::new());

    let path = "rdkafka::producer::future_producer::FutureProducer::send_result";
    let clippy = fixture.read("clippy.toml");
    fixture.write("clippy.toml", &clippy.replace(path, "rdkafka::producer::FutureProducer::send_result"));
    let deny = fixture.read("deny.toml").replace("crate = \"samsa\"", "crate = \"other\"");
    fixture.write("deny.toml", &deny);
    fixture.write("bank/clippy.toml", "");
    let (code, told) = findings(&fixture);
    assert_eq!(code, 1);
    let all = format!("{told:#?}");
    assert!(all.contains(&format!("`disallowed-methods` lacks `{path}`")), "{all}");
    assert!(all.contains("`rdkafka::producer::FutureProducer::send_result` does nothing"), "{all}");
    assert!(all.contains("`bans.deny` lacks `samsa`"), "{all}");
    assert!(all.contains("bank/clippy.toml:0 hidden"), "{all}");
}

#[test]
fn a_client_that_is_known_by_name_alone_is_kept_out() {
    let fixture = Fixture::new("shop");
    assert_eq!(fixture.lint(&["init", "--allow", "shop"]).code, 0);
    let manifest = fixture.read("Cargo.toml");
    fixture.write("Cargo.toml", &manifest.replace("tokio = \"1\"", "tokio = \"1\"\nkafrust = \"0.5\""));
    let told = of("dependency", &fixture);
    assert!(told.len() == 1 && told[0].starts_with("`shop` depends on `kafrust`"), "{told:#?}");
}

#[test]
fn a_client_of_another_version_is_noted() {
    let fixture = Fixture::new("shop");
    let lock = |version| format!("version = 4\n\n[[package]]\nname = \"rdkafka\"\nversion = \"{version}\"\n");
    fixture.write("Cargo.lock", &lock("0.39.0"));
    assert!(!fixture.lint(&["check"]).out.contains("are proved with"));
    fixture.write("Cargo.lock", &lock("0.36.2"));
    assert!(fixture.lint(&["check"]).out.contains("proved with rdkafka 0.39, this workspace has 0.36.2"));
}

#[test]
fn all_lines_of_a_list_are_one_finding() {
    let fixture = Fixture::new("shop");
    fixture.write("clippy.toml", "");
    fixture.write("deny.toml", "");
    let told = of("preset", &fixture);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().any(|text| text.starts_with("`disallowed-types` lacks `rdkafka::producer::FutureProducer`, ")));
}

#[test]
fn a_directory_without_a_workspace_is_an_error() {
    let empty = tempfile::tempdir().expect("a directory");
    let run = crate::support::outbox(&["lint", "check", "--path", empty.path().to_str().expect("UTF-8")]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("cargo metadata"), "{}", run.err);
}
