//! `examples/quickstart`: what it counts is what the README says.

use std::process::{Command, Stdio};

#[test]
fn quickstart_shows_the_problem_and_its_end() {
    let output = Command::new(super::example("quickstart"))
        .arg("--json")
        .stderr(Stdio::inherit())
        .output()
        .expect("the example `quickstart` is built");
    assert!(output.status.success());
    let counted: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one line of JSON");
    println!("{counted}");
    let count = |way: &str, what: &str| counted[way][what].as_u64().expect("a count");
    assert!(count("dual_write", "lost") > 0 && count("dual_write", "phantom") > 0);
    assert_eq!((count("outbox", "lost"), count("outbox", "phantom")), (0, 0));
    assert!(count("outbox", "committed") > 0);
    assert_eq!(count("outbox", "committed"), count("outbox", "published"));
}
