//! Runs the program, on copies of the fixtures.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn outbox(args: &[&str]) -> Run {
    outbox_without(&[], args)
}

/// The same without some variables of the environment.
pub(crate) fn outbox_without(variables: &[&str], args: &[&str]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_outbox"));
    for variable in variables {
        program.env_remove(variable);
    }
    let Output { status, stdout, stderr } = program.args(args).output().expect("the program runs");
    Run {
        code: status.code().expect("no signal"),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    }
}

/// The address of a server, which `cargo xtask test` sets.
pub(crate) fn server(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a member of the workspace").to_owned()
}

/// A workspace of the user's, to be written to.
pub(crate) struct Fixture(TempDir);

impl Fixture {
    pub(crate) fn new(name: &str) -> Self {
        let copy = tempfile::tempdir().expect("a directory");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
        duplicate(&from, copy.path());
        Self(copy)
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    pub(crate) fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        std::fs::write(self.path(file), text).expect("a writable file");
    }

    /// Puts `[lints] workspace = true` into a member.
    pub(crate) fn inherit(&self, member: &str) {
        let file = format!("{member}/Cargo.toml");
        self.write(&file, &format!("{}\n[lints]\nworkspace = true\n", self.read(&file)));
    }

    /// `outbox lint …` here.
    pub(crate) fn lint(&self, args: &[&str]) -> Run {
        let path = self.0.path().to_str().expect("a UTF-8 path");
        let mut all = vec!["lint"];
        all.extend(args);
        all.extend(["--path", path]);
        outbox(&all)
    }
}

fn duplicate(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a fixture") {
        let entry = entry.expect("a readable entry").path();
        let target = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            std::fs::create_dir(&target).expect("a new directory");
            duplicate(&entry, &target);
        } else {
            std::fs::copy(&entry, &target).expect("a copy");
        }
    }
}
