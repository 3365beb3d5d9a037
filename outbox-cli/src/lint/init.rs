//! `outbox lint init`: writes the presets, and says what is left to do by hand.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use toml_edit::DocumentMut;

use super::workspace::Workspace;
use super::{levels, merge, preset};
use crate::Outcome;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A directory of the workspace.
    #[arg(long, default_value = ".")]
    path: PathBuf,
    /// A crate that may depend on the Kafka clients in its manifest (the relay, a consumer); may be given more than once.
    #[arg(long = "allow", value_name = "CRATE")]
    allowed: Vec<String>,
    /// Say what would be written, and write nothing.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(args: &Args) -> Result<Outcome> {
    let workspace = Workspace::read(&args.path)?;
    let mut relays = Vec::new();
    for name in &args.allowed {
        let Some(member) = workspace.members.iter().find(|member| member.name == *name) else {
            bail!("`--allow {name}`: the workspace has no crate of that name");
        };
        relays.push((name.clone(), member.banned.clone()));
    }

    // All files are merged before the first is written: an error leaves everything as it was.
    let clippy = File::read(clippy_file(&workspace.root), preset::CLIPPY, merge::clippy)?;
    let deny = File::read(workspace.root.join("deny.toml"), preset::DENY, |document| merge::deny(document, &relays))?;
    let manifest = File::read(workspace.root.join("Cargo.toml"), "", merge::levels)?;
    for file in [&clippy, &deny, &manifest] {
        file.tell(&workspace.root, args.dry_run);
        if !args.dry_run {
            file.write()?;
        }
    }

    let root: DocumentMut = manifest.text.parse()?;
    for member in &workspace.members {
        let text = std::fs::read_to_string(&member.manifest)?;
        let document: DocumentMut = text.parse().with_context(|| format!("{}", member.manifest.display()))?;
        let document = if member.manifest == manifest.path { &root } else { &document };
        let is_on = |lint| levels::by_manifest(document, &root, lint) == levels::Level::On;
        if !preset::LISTS.iter().all(|(_, lint)| is_on(lint)) {
            let file = workspace.relative(&member.manifest);
            println!("{file}: to do by hand: add\n    [lints]\n    workspace = true");
        }
    }
    println!(
        "In a crate that never opts out, `#![forbid(clippy::disallowed_methods, clippy::disallowed_types)]` at the top of \
         lib.rs or main.rs makes that final. Then run `outbox lint check`."
    );
    Ok(Outcome::Clean)
}

/// The file that clippy reads: the one with the dot is found first.
pub(crate) fn clippy_file(root: &Path) -> PathBuf {
    let hidden = root.join(".clippy.toml");
    if hidden.exists() { hidden } else { root.join("clippy.toml") }
}

/// A file before and after.
struct File {
    path: PathBuf,
    existed: bool,
    text: String,
    added: Vec<String>,
}

impl File {
    /// A file that is not there becomes `whole`, and is merged with nothing more than what that lacks.
    fn read(path: PathBuf, whole: &str, merge: impl Fn(&mut DocumentMut) -> Result<Vec<String>>) -> Result<Self> {
        let existed = path.exists();
        let before = if existed { std::fs::read_to_string(&path)? } else { whole.to_owned() };
        let context = || format!("{}", path.display());
        let mut document: DocumentMut = before.parse().with_context(context)?;
        let mut added = merge(&mut document).with_context(context)?;
        if !existed {
            let lines = whole.lines().filter(|line| line.trim_start().starts_with('{')).count();
            added.insert(0, format!("the preset of this program: {lines} entries"));
        }
        Ok(Self { existed, text: document.to_string(), added, path })
    }

    fn tell(&self, root: &Path, dry_run: bool) {
        let name = self.path.strip_prefix(root).unwrap_or(&self.path).display();
        let state = match (self.added.is_empty(), self.existed, dry_run) {
            (true, ..) => "unchanged",
            (false, true, false) => "changed",
            (false, true, true) => "would change",
            (false, false, false) => "created",
            (false, false, true) => "would be created",
        };
        println!("{name}: {state}");
        for line in &self.added {
            println!("  + {line}");
        }
    }

    fn write(&self) -> Result<()> {
        if self.added.is_empty() {
            return Ok(());
        }
        std::fs::write(&self.path, &self.text).with_context(|| format!("cannot write {}", self.path.display()))
    }
}
