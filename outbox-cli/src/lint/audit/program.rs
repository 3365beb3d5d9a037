//! Everything the audit knows of a workspace: crates, types, traits, functions, and what a path means where it stands.

use std::collections::HashMap;

use syn::{Block, Generics, Pat, Type};

use super::source::Module;
use crate::lint::clients::Client;

/// A library or program of the workspace.
pub(super) struct Crate {
    pub(super) package: String,
    pub(super) library: Option<String>,
    pub(super) clients: Vec<(&'static Client, String)>,
    /// Member libraries that its code can name: the name, and the index.
    pub(super) members: Vec<(String, usize)>,
    pub(super) modules: Vec<Module>,
    /// Names that this crate gives to `deny_raw!`: index of the type or trait.
    pub(super) denied: Vec<usize>,
}

/// A struct, enum, alias or trait.
pub(super) struct Definition {
    pub(super) krate: usize,
    pub(super) module: usize,
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) generics: Generics,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    /// Fields by name or number; in an enum with the variant's name and a dot in front.
    Data(Vec<(String, Type)>),
    Alias(Box<Type>),
    Trait,
}

/// A function with a body, free or a method.
pub(super) struct Function {
    pub(super) krate: usize,
    pub(super) module: usize,
    pub(super) name: String,
    /// Type of its impl block.
    pub(super) owner: Option<usize>,
    /// Trait of its impl block, or that it is a default of.
    pub(super) of_trait: Option<usize>,
    pub(super) generics: Vec<Generics>,
    pub(super) inputs: Vec<(Pat, Type)>,
    pub(super) output: Option<Type>,
    pub(super) body: Block,
    pub(super) handler: Option<Handler>,
}

/// What the attribute on a handler says.
#[derive(Default)]
pub(super) struct Handler {
    /// First name of the `tx =` expression.
    pub(super) root: Option<String>,
    /// `allow(raw_kafka, …)`.
    pub(super) excused: bool,
}

/// What a type is to the audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ty {
    /// Sends to Kafka.
    Producer,
    /// Sends to Kafka, or receives: its methods tell.
    Client,
    /// A type or trait of the workspace.
    Local(usize),
    /// Certainly something else.
    Foreign,
    Unknown,
}

/// The place where a path or type is written.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) krate: usize,
    pub(super) module: usize,
    pub(super) owner: Option<usize>,
    pub(super) generics: &'p [Generics],
}

#[derive(Default)]
pub(super) struct Program {
    pub(super) crates: Vec<Crate>,
    pub(super) definitions: Vec<Definition>,
    pub(super) functions: Vec<Function>,
    /// Type and trait of each trait impl.
    pub(super) impls: Vec<(usize, usize)>,
    /// What a type derefs to, with the impl's crate, module and generics.
    pub(super) derefs: HashMap<usize, (usize, usize, Generics, Type)>,
    /// By crate and last name.
    pub(super) by_name: HashMap<(usize, String), Vec<usize>>,
    /// Functions by name.
    pub(super) functions_named: HashMap<String, Vec<usize>>,
    /// Statics and constants by crate and name.
    pub(super) statics: HashMap<(usize, String), (usize, Type)>,
}

impl Program {
    pub(super) fn module(&self, krate: usize, module: usize) -> Option<&Module> {
        self.crates.get(krate)?.modules.get(module)
    }

    pub(super) fn definition(&self, index: usize) -> Option<&Definition> {
        self.definitions.get(index)
    }
}
