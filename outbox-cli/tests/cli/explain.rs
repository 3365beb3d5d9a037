//! `outbox explain`.

use crate::support::outbox;

#[test]
fn a_code_is_explained() {
    for code in ["OBX-102", "[obx-102]", "102"] {
        let run = outbox(&["explain", code]);
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.starts_with("OBX-102: "), "{}", run.out);
        assert!(run.out.contains("CommitUnknown"), "{}", run.out);
        assert!(!run.out.contains("OBX-103"), "only this section: {}", run.out);
    }
}

#[test]
fn without_a_code_all_are_listed() {
    let run = outbox(&["explain"]);
    assert_eq!(run.code, 0);
    assert!(run.out.lines().count() > 20, "{}", run.out);
    assert!(run.out.lines().all(|line| line.starts_with("OBX-")), "{}", run.out);
}

#[test]
fn an_unknown_code_names_its_neighbours() {
    let run = outbox(&["explain", "OBX-100"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("there is no OBX-100") && run.err.contains("OBX-101"), "{}", run.err);
    let run = outbox(&["explain", "E0277"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("no code of outbox"), "{}", run.err);
}

#[test]
fn a_reader_that_goes_is_no_panic() {
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_outbox"));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let run = program.arg("explain").stdout(writer).output().expect("the program runs");
    assert_eq!((run.status.code(), String::from_utf8_lossy(&run.stderr)), (Some(2), "".into()));
}
