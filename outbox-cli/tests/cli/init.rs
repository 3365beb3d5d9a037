//! `outbox lint init`.

use crate::support::Fixture;

const FILES: [&str; 3] = ["clippy.toml", "deny.toml", "Cargo.toml"];

#[test]
fn the_presets_are_written_once() {
    let fixture = Fixture::new("bank");
    let run = fixture.lint(&["init", "--allow", "relay"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("clippy.toml: created") && run.out.contains("Cargo.toml: changed"), "{}", run.out);
    assert!(run.out.contains("bank/Cargo.toml: to do by hand"), "{}", run.out);
    let written = FILES.map(|file| fixture.read(file));
    assert!(written[0].contains("rdkafka::producer::future_producer::FutureProducer::send"));
    assert!(written[1].contains(r#"wrappers = ["outbox-runtime", "relay"]"#));
    assert!(written[2].starts_with("# A workspace with every mistake"), "comments stay: {}", written[2]);
    assert!(written[2].contains("[workspace.lints.clippy]\ndisallowed_methods = \"deny\"\n"), "{}", written[2]);

    let again = fixture.lint(&["init", "--allow", "relay"]);
    assert_eq!(again.code, 0, "{}", again.err);
    for file in FILES {
        assert!(again.out.contains(&format!("{file}: unchanged")), "{}", again.out);
    }
    assert_eq!(FILES.map(|file| fixture.read(file)), written);
}

#[test]
fn a_dry_run_writes_nothing() {
    let fixture = Fixture::new("bank");
    let manifest = fixture.read("Cargo.toml");
    let run = fixture.lint(&["init", "--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.out.contains("clippy.toml: would be created") && run.out.contains("  + "), "{}", run.out);
    assert!(!fixture.path("clippy.toml").exists() && !fixture.path("deny.toml").exists());
    assert_eq!(fixture.read("Cargo.toml"), manifest);
}

#[test]
fn what_is_there_stays() {
    let fixture = Fixture::new("bank");
    fixture.write("clippy.toml", "msrv = \"1.85\" # ours\ndisallowed-methods = [\"std::env::set_var\"]\n");
    fixture.write("deny.toml", "[advisories]\nyanked = \"deny\" # ours\n\n[bans]\ndeny = [{ name = \"openssl\" }]\n");
    let run = fixture.lint(&["init"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let clippy = fixture.read("clippy.toml");
    assert!(clippy.starts_with("msrv = \"1.85\" # ours\ndisallowed-methods = [\"std::env::set_var\","), "{clippy}");
    let deny = fixture.read("deny.toml");
    assert!(
        deny.starts_with("[advisories]\nyanked = \"deny\" # ours\n\n[bans]\ndeny = [{ name = \"openssl\" },"),
        "{deny}"
    );
    assert!(deny.contains("crate = \"rdkafka\""), "{deny}");
}

#[test]
fn the_file_with_the_dot_is_the_one_that_clippy_reads() {
    let fixture = Fixture::new("bank");
    fixture.write(".clippy.toml", "msrv = \"1.85\"\n");
    assert_eq!(fixture.lint(&["init"]).code, 0);
    assert!(fixture.read(".clippy.toml").contains("disallowed-methods"));
    assert!(!fixture.path("clippy.toml").exists());
}

#[test]
fn an_error_leaves_all_files_as_they_were() {
    let fixture = Fixture::new("bank");
    fixture.write("deny.toml", "[bans]\ndeny = 1\n");
    let run = fixture.lint(&["init"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("`deny` is no list"), "{}", run.err);
    assert!(!fixture.path("clippy.toml").exists());

    let run = Fixture::new("bank").lint(&["init", "--allow", "nobody"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no crate of that name"), "{}", run.err);
}
