//! The crates that the compiled crate is linked with, from rustc's own arguments: a procedural macro runs in its process.
//!
//! Exact where a manifest is not: renames, workspaces, dev-dependencies of this very target.

use std::path::Path;
use std::sync::OnceLock;

/// A crate that is linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Extern {
    /// Under which name.
    pub(crate) name: String,
    /// What it is called itself.
    pub(crate) lib: String,
}

/// All of them; none where the process is not rustc, as in an editor.
pub(crate) fn externs() -> &'static [Extern] {
    static EXTERNS: OnceLock<Vec<Extern>> = OnceLock::new();
    EXTERNS.get_or_init(|| {
        let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
        read(&expanded(arguments))
    })
}

/// `@file` holds one argument a line.
fn expanded(arguments: impl Iterator<Item = String>) -> Vec<String> {
    arguments
        .flat_map(|argument| match argument.strip_prefix('@').map(std::fs::read_to_string) {
            Some(Ok(text)) => text.lines().map(str::to_owned).collect(),
            _ => vec![argument],
        })
        .collect()
}

fn read(arguments: &[String]) -> Vec<Extern> {
    let mut externs = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let value = if argument == "--extern" {
            arguments.next().map(String::as_str)
        } else {
            argument.strip_prefix("--extern=")
        };
        externs.extend(value.map(one));
    }
    externs
}

/// `NAME`, `NAME=PATH` or `priv,noprelude:NAME=PATH`.
fn one(value: &str) -> Extern {
    let (name, path) = value.split_once('=').map_or((value, None), |(name, path)| (name, Some(path)));
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    let lib = path.and_then(lib_name).unwrap_or_else(|| name.to_owned());
    Extern { name: name.to_owned(), lib }
}

/// `outbox` of `…/liboutbox-1a2b3c.rlib`.
fn lib_name(path: &str) -> Option<String> {
    let stem = Path::new(path).file_stem()?.to_str()?;
    let stem = stem.strip_prefix("lib").unwrap_or(stem);
    Some(stem.rsplit_once('-').map_or(stem, |(name, _)| name).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Extern, expanded, read};

    fn linked(arguments: &[&str]) -> Vec<(String, String)> {
        let arguments: Vec<_> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        read(&arguments).into_iter().map(|Extern { name, lib }| (name, lib)).collect()
    }

    #[test]
    fn every_way_to_write_one() {
        let found = linked(&[
            "rustc",
            "--extern",
            "ob=/target/deps/liboutbox-0a1b.rmeta",
            "--extern=sqlx=/target/deps/libsqlx-1.rlib",
            "--extern",
            "priv,noprelude:tokio=C:/deps/tokio-2.dll",
            "--extern",
            "proc_macro",
            "--cfg",
            "feature=\"x\"",
        ]);
        let expected = [("ob", "outbox"), ("sqlx", "sqlx"), ("tokio", "tokio"), ("proc_macro", "proc_macro")];
        assert_eq!(found, expected.map(|(name, lib)| (name.to_owned(), lib.to_owned())));
        assert_eq!(linked(&["rust-analyzer", "--extern"]), []);
    }

    #[test]
    fn a_file_of_arguments_is_read() {
        let file = std::env::temp_dir().join(format!("outbox-externs-{}", std::process::id()));
        std::fs::write(&file, "--extern\nob=/deps/liboutbox-1.rlib\n").unwrap();
        let arguments = expanded(["rustc".to_owned(), format!("@{}", file.display())].into_iter());
        std::fs::remove_file(&file).unwrap();
        assert_eq!(arguments, ["rustc", "--extern", "ob=/deps/liboutbox-1.rlib"]);
    }
}
