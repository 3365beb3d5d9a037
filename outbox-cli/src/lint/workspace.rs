//! A user's workspace, as `cargo metadata` tells it: members, their targets, and which depend on a Kafka client.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package, TargetKind};

use super::clients::{self, Client};

/// The workspace that a directory belongs to.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) members: Vec<Member>,
}

/// One of its packages.
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) manifest: PathBuf,
    /// Roots of its library and programs; tests, examples and benches are not among them.
    pub(crate) roots: Vec<Root>,
    /// Kafka clients that its own code depends on, with the name that it calls them by.
    pub(crate) clients: Vec<(&'static Client, String)>,
    /// Packages of Kafka clients that it depends on in any way, for its tests too: cargo-deny asks no more.
    pub(crate) banned: Vec<&'static str>,
    /// Packages that it depends on, with the names that its code calls them by.
    pub(crate) dependencies: Vec<(String, String)>,
}

/// A library or program.
pub(crate) struct Root {
    pub(crate) file: PathBuf,
    /// The name that other crates call it by; `None` for a program.
    pub(crate) library: Option<String>,
}

impl Workspace {
    /// Asks cargo about the workspace around `directory`. Reads manifests only: no network, no lock file.
    pub(crate) fn read(directory: &Path) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .current_dir(directory)
            .no_deps()
            .exec()
            .with_context(|| format!("`cargo metadata` failed in {}", directory.display()))?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        Ok(Self { root, members: metadata.workspace_packages().into_iter().map(member).collect() })
    }

    /// The path as a person in the workspace would write it.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

fn code_name(name: &str) -> String {
    name.replace('-', "_")
}

fn member(package: &Package) -> Member {
    let named = |dependency: &cargo_metadata::Dependency| {
        (dependency.name.clone(), code_name(dependency.rename.as_deref().unwrap_or(&dependency.name)))
    };
    let mut dependencies: Vec<_> = package.dependencies.iter().map(named).collect();
    dependencies.sort();
    dependencies.dedup();
    let for_tests = |name: &str| {
        let mut all = package.dependencies.iter().filter(|dependency| dependency.name == name);
        all.all(|dependency| dependency.kind == DependencyKind::Development)
    };
    let clients: Vec<_> =
        dependencies.iter().filter_map(|(package, name)| Some((clients::by_package(package)?, name.clone()))).collect();
    let roots = package.targets.iter().filter_map(|target| {
        let is_library = target.kind.iter().any(|kind| {
            matches!(
                kind,
                TargetKind::Lib | TargetKind::RLib | TargetKind::DyLib | TargetKind::CDyLib | TargetKind::StaticLib
            )
        });
        let is_program = target.kind.contains(&TargetKind::Bin);
        (is_library || is_program).then(|| Root {
            file: target.src_path.clone().into_std_path_buf(),
            library: is_library.then(|| code_name(&target.name)),
        })
    });
    Member {
        name: package.name.to_string(),
        manifest: package.manifest_path.clone().into_std_path_buf(),
        roots: roots.collect(),
        banned: dependencies.iter().filter_map(|(package, _)| clients::banned(package)).collect(),
        clients: clients.into_iter().filter(|(client, _)| !for_tests(client.package)).collect(),
        dependencies,
    }
}
