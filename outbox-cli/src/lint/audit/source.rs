//! The sources of a crate as a list of modules, read from its root file the way rustc reads them; test code is left out.

use std::path::{Path, PathBuf};

use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, Token, UseTree};

/// A module and its items, those of inner modules not among them.
pub(super) struct Module {
    pub(super) file: PathBuf,
    /// Names from the crate's root down to this module.
    pub(super) path: Vec<String>,
    pub(super) items: Vec<Item>,
    pub(super) imports: Imports,
}

/// The `use` declarations of a module.
#[derive(Default)]
pub(super) struct Imports {
    /// Local name and the path it stands for.
    pub(super) names: Vec<(String, Vec<String>)>,
    pub(super) globs: Vec<Vec<String>>,
}

/// Reads the crate whose root is `root`. Files that are no Rust are handed to `unread`, and skipped.
pub(super) fn read(root: &Path, unread: &mut Vec<(PathBuf, String)>) -> Vec<Module> {
    let mut modules = Vec::new();
    let directory = root.parent().unwrap_or(Path::new(".")).to_owned();
    file(root, &directory, Vec::new(), &mut modules, unread);
    modules
}

fn file(
    path: &Path,
    directory: &Path,
    name: Vec<String>,
    modules: &mut Vec<Module>,
    unread: &mut Vec<(PathBuf, String)>,
) {
    let parsed = std::fs::read_to_string(path).map_err(|error| error.to_string());
    match parsed.and_then(|text| syn::parse_file(&text).map_err(|error| error.to_string())) {
        Ok(parsed) => module(path, directory, name, parsed.items, modules, unread),
        Err(error) => unread.push((path.to_owned(), error)),
    }
}

fn module(
    path: &Path,
    directory: &Path,
    name: Vec<String>,
    items: Vec<Item>,
    modules: &mut Vec<Module>,
    unread: &mut Vec<(PathBuf, String)>,
) {
    let (mut own, mut inner, mut imports) = (Vec::new(), Vec::new(), Imports::default());
    for item in items {
        match item {
            Item::Mod(item) if is_test(&item.attrs) => drop(item),
            Item::Mod(item) => inner.push(item),
            Item::Use(item) => imports.add(&item.tree, &mut Vec::new()),
            Item::Fn(item) if is_test(&item.attrs) => drop(item),
            Item::Impl(item) if is_test(&item.attrs) => drop(item),
            item => own.push(item),
        }
    }
    modules.push(Module { file: path.to_owned(), path: name.clone(), items: own, imports });
    for item in inner {
        let mut name = name.clone();
        name.push(item.ident.to_string());
        descend(path, directory, name, item, modules, unread);
    }
}

fn descend(
    path: &Path,
    directory: &Path,
    name: Vec<String>,
    item: ItemMod,
    modules: &mut Vec<Module>,
    unread: &mut Vec<(PathBuf, String)>,
) {
    let stem = item.ident.to_string();
    let inside = directory.join(&stem);
    if let Some((_, items)) = item.content {
        return module(path, &inside, name, items, modules, unread);
    }
    if let Some(given) = path_attribute(&item.attrs) {
        let given = path.parent().unwrap_or(Path::new(".")).join(given);
        let directory = given.parent().unwrap_or(Path::new(".")).to_owned();
        return file(&given, &directory, name, modules, unread);
    }
    let (flat, nested) = (directory.join(format!("{stem}.rs")), inside.join("mod.rs"));
    // A module that is nowhere is generated, or belongs to another platform.
    if let Some(found) = [flat, nested].into_iter().find(|file| file.exists()) {
        file(&found, &inside, name, modules, unread);
    }
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`, `#[tokio::test]` and the like.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|cfgs| cfgs.iter().any(needs_test)),
        meta => meta.path().segments.last().is_some_and(|segment| segment.ident == "test"),
    })
}

fn needs_test(cfg: &Meta) -> bool {
    match cfg {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|cfgs| cfgs.iter().any(needs_test)),
        _ => false,
    }
}

impl Imports {
    pub(super) fn add(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.add(&path.tree, before);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree, before)),
            UseTree::Glob(_) => self.globs.push(before.clone()),
            UseTree::Name(name) => self.name(name.ident.to_string(), name.ident.to_string(), before),
            UseTree::Rename(name) => self.name(name.rename.to_string(), name.ident.to_string(), before),
        }
    }

    fn name(&mut self, local: String, last: String, before: &[String]) {
        let mut path = before.to_vec();
        if last == "self" {
            let local = if local == "self" { before.last().cloned().unwrap_or_default() } else { local };
            self.names.push((local, path));
        } else {
            path.push(last);
            self.names.push((local, path));
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Vec<String>> {
        self.names.iter().find(|(local, _)| local == name).map(|(_, path)| path)
    }
}
