//! The crates that the user's crate depends on: from the compiler's own arguments, since a macro runs inside of it.
//!
//! So renames, workspace inheritance, optional and dev-only dependencies are what they are, without a manifest read.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// `--extern NAME=PATH`, as far as the crate can be named by a path.
pub(crate) struct Extern {
    /// The name in the user's sources.
    pub(crate) name: String,
    /// The library's own name.
    pub(crate) library: String,
    file: Option<PathBuf>,
    version: OnceLock<Option<(u64, u64)>>,
}

impl Extern {
    /// The version's first two numbers, where cargo's dep-info or the lock file tells it.
    pub(crate) fn version(&self) -> Option<(u64, u64)> {
        *self.version.get_or_init(|| self.by_dep_info().or_else(|| locked(&self.library)))
    }

    /// `…/rdkafka-0.39.0/src/lib.rs` in `rdkafka-<hash>.d` beside the library.
    fn by_dep_info(&self) -> Option<(u64, u64)> {
        let file = self.file.as_ref()?;
        let stem = file.file_stem()?.to_str()?;
        let text = std::fs::read_to_string(file.with_file_name(format!("{}.d", stem.strip_prefix("lib")?))).ok()?;
        let package = format!("{}-", self.library);
        let at = text.find(&format!("/{package}")).or_else(|| text.find(&format!("\\{package}")))?;
        // The library's own name stands first in the text, with its hash.
        std::iter::successors(Some(at), |at| {
            let from = at + 1;
            Some(from + text.get(from..)?.find(&package)?)
        })
        .take(64)
        .find_map(|at| numbers(text.get(at..)?.split_once(&package)?.1))
    }
}

/// `0.39` of `0.39.0/src/lib.rs`.
fn numbers(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    parts.next().is_some_and(|patch| patch.starts_with(|c: char| c.is_ascii_digit())).then_some((major, minor))
}

/// The version in the lock file, if it holds only one.
fn locked(library: &str) -> Option<(u64, u64)> {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR")?;
    let text = Path::new(&manifest).ancestors().find_map(|dir| std::fs::read_to_string(dir.join("Cargo.lock")).ok())?;
    let mut versions = text.split("[[package]]").filter_map(|package| {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key))?;
            line.strip_prefix(" = \"")?.strip_suffix('"')
        };
        (value("name")?.replace('-', "_") == library).then(|| numbers(value("version")?))?
    });
    let first = versions.next()?;
    versions.all(|other| other == first).then_some(first)
}

/// All of this compilation. None in rust-analyzer, whose process is not the compiler.
pub(crate) fn all() -> &'static [Extern] {
    static ALL: OnceLock<Vec<Extern>> = OnceLock::new();
    ALL.get_or_init(|| read(arguments(std::env::args_os().filter_map(|argument| argument.into_string().ok()))))
}

/// With the contents of response files in their place.
fn arguments(given: impl Iterator<Item = String>) -> Vec<String> {
    let mut all = Vec::new();
    for argument in given {
        match argument.strip_prefix('@').and_then(|file| std::fs::read_to_string(file).ok()) {
            Some(text) => all.extend(text.lines().map(str::to_owned)),
            None => all.push(argument),
        }
    }
    all
}

fn read(arguments: Vec<String>) -> Vec<Extern> {
    let mut all = Vec::new();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let value = match argument.strip_prefix("--extern") {
            Some("") => arguments.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_owned),
            None => None,
        };
        all.extend(value.as_deref().and_then(parse));
    }
    all
}

/// `[OPTIONS:]NAME[=PATH]`
fn parse(value: &str) -> Option<Extern> {
    let (name, file) = match value.split_once('=') {
        Some((name, file)) => (name, Some(PathBuf::from(file))),
        None => (value, None),
    };
    let (options, name) = name.rsplit_once(':').unwrap_or(("", name));
    if options.split(',').any(|option| option == "noprelude") {
        return None;
    }
    let library = match &file {
        Some(file) => {
            let stem = file.file_stem()?.to_str()?;
            let stem = stem.strip_prefix("lib").unwrap_or(stem);
            stem.split_once('-').map_or(stem, |(library, _)| library).to_owned()
        }
        None => name.to_owned(),
    };
    Some(Extern { name: name.to_owned(), library, file, version: OnceLock::new() })
}

#[cfg(test)]
mod tests {
    use super::{numbers, read};

    #[test]
    fn all_spellings_are_read() {
        let arguments = [
            "rustc",
            "--extern",
            "kafka_client=/t/deps/librdkafka-0a1b.rmeta",
            "--extern=rskafka=/t/deps/librskafka-22.rlib",
            "--extern",
            "priv:kafka=/t/deps/libkafka-3.rmeta",
            "--extern",
            "priv,noprelude:samsa=/t/deps/libsamsa-3.rmeta",
            "--extern",
            "krafka",
            "-L",
            "dependency=/t/deps",
        ];
        let found: Vec<_> = read(arguments.map(str::to_owned).to_vec())
            .into_iter()
            .map(|found| format!("{} is {}", found.name, found.library))
            .collect();
        assert_eq!(found, ["kafka_client is rdkafka", "rskafka is rskafka", "kafka is kafka", "krafka is krafka"]);
    }

    #[test]
    fn response_files_are_read() {
        let file = std::env::temp_dir().join(format!("outbox-externs-{}", std::process::id()));
        std::fs::write(&file, "--extern\nrdkafka=/t/librdkafka-1.rmeta\n").expect("written");
        let found = read(super::arguments([format!("@{}", file.display())].into_iter()));
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(numbers("0.39.0/src/lib.rs"), Some((0, 39)));
        assert_eq!(numbers("0.33.2"), Some((0, 33)));
        assert_eq!(numbers("5f9e2.rmeta: /src"), None);
        assert_eq!(numbers("sys"), None);
    }
}
