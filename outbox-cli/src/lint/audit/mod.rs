//! The audit: handlers that reach a Kafka send through helpers, and types that `deny_raw!` should know.
//!
//! By name over the sources of the workspace's libraries and programs, so it warns and proves nothing: it does not see what
//! macros make, what other crates do, or what stands behind a function pointer.

mod body;
mod graph;
mod index;
mod program;
mod propose;
mod resolve;
mod source;
mod types;

use anyhow::Result;

use self::graph::{Chain, Graph};
use self::program::{Crate, Program};
use super::findings::Report;
use super::workspace::{Member, Workspace};

pub(super) fn run(workspace: &Workspace, report: &mut Report) -> Result<()> {
    let program = index::index(crates(workspace, report));
    let readings: Vec<_> = program.functions.iter().map(|function| body::read(&program, function)).collect();
    let graph = Graph::new(&program, &readings);
    let audit = Audit { workspace, program: &program, readings: &readings };
    for (index, function) in program.functions.iter().enumerate() {
        if function.handler.as_ref().is_some_and(|handler| !handler.excused) {
            graph.chains(index).iter().for_each(|chain| audit.chain(index, chain, report));
        }
    }
    for proposal in propose::proposals(&program, &graph) {
        audit.proposal(&proposal, report);
    }
    Ok(())
}

/// The crates of the workspace: one for each library and program.
fn crates(workspace: &Workspace, report: &mut Report) -> Vec<Crate> {
    let mut crates = Vec::new();
    for member in &workspace.members {
        for root in &member.roots {
            let mut unread = Vec::new();
            let modules = source::read(&root.file, &mut unread);
            for (file, error) in unread {
                report.note(format!("{} was not audited: {error}", workspace.relative(&file)));
            }
            crates.push(Crate {
                package: member.name.clone(),
                library: root.library.clone(),
                clients: member.clients.clone(),
                members: Vec::new(),
                modules,
                denied: Vec::new(),
            });
        }
    }
    let libraries: Vec<_> = crates.iter().map(|krate| (krate.package.clone(), krate.library.clone())).collect();
    for krate in &mut crates {
        let Some(member) = workspace.members.iter().find(|member| member.name == krate.package) else { continue };
        krate.members = members(member, krate, &libraries);
    }
    crates
}

/// Which libraries of the workspace a crate can name, and how.
fn members(member: &Member, krate: &Crate, libraries: &[(String, Option<String>)]) -> Vec<(String, usize)> {
    let found = libraries.iter().enumerate().filter_map(|(index, (package, library))| {
        let library = library.clone()?;
        if *package == member.name {
            // A program calls the library beside it by its name.
            return krate.library.is_none().then_some((library, index));
        }
        let (_, name) = member.dependencies.iter().find(|(dependency, _)| dependency == package)?;
        // Without a rename the code uses the library's name, which may differ from the package's.
        let is_renamed = *name != package.replace('-', "_");
        Some((if is_renamed { name.clone() } else { library }, index))
    });
    found.collect()
}

struct Audit<'a> {
    workspace: &'a Workspace,
    program: &'a Program,
    readings: &'a [body::Reading],
}

impl Audit<'_> {
    fn file(&self, krate: usize, module: usize) -> String {
        self.program.module(krate, module).map(|module| self.workspace.relative(&module.file)).unwrap_or_default()
    }

    /// `name`, or `Type::name` for a method.
    fn name(&self, function: usize) -> String {
        let Some(function) = self.program.functions.get(function) else { return String::new() };
        let owner = function.owner.or(function.of_trait).and_then(|owner| self.program.definition(owner));
        owner.map_or_else(|| function.name.clone(), |owner| format!("{}::{}", owner.name, function.name))
    }

    fn chain(&self, handler: usize, chain: &Chain, report: &mut Report) {
        let Some(function) = self.program.functions.get(handler) else { return };
        let file = self.file(function.krate, function.module);
        let name = self.name(handler);
        let last = chain.through.last().copied().unwrap_or(handler);
        let send = self.readings.get(last).and_then(|reading| reading.send.as_ref());
        let (Some((line, what)), Some(sender)) = (send, self.program.functions.get(last)) else { return };
        let message = if chain.through.is_empty() {
            format!("handler `{name}` sends to Kafka itself: `{what}`")
        } else {
            let way: Vec<_> = chain.through.iter().map(|function| format!("`{}`", self.name(*function))).collect();
            let place = self.file(sender.krate, sender.module);
            format!("handler `{name}` reaches a Kafka send through {} ({place}:{line})", way.join(" → "))
        };
        let help = "emit an event instead: it is stored by the handler's transaction and relayed after the commit; \
                    or `allow(raw_kafka, reason = \"…\")` on the handler";
        report.find("audit", (&file, chain.line), message, help);
    }

    fn proposal(&self, proposal: &propose::Proposal, report: &mut Report) {
        let Some(definition) = self.program.definition(proposal.index) else { return };
        let file = self.file(definition.krate, definition.module);
        let name = &definition.name;
        let message = if proposal.is_trait {
            format!("`{name}` publishes to Kafka in a type that holds a producer, and the compiler does not know")
        } else {
            format!("`{name}` holds a Kafka producer, and the compiler does not know")
        };
        let package = self.program.crates.get(proposal.krate).map(|krate| krate.package.as_str()).unwrap_or_default();
        let help = format!("add to `{package}`: {}", proposal.line);
        report.find("deny_raw", (&file, definition.line), message, help);
    }
}
