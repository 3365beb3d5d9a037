//! Which types and traits of the workspace should be given to `deny_raw!`.
//!
//! A type that holds a producer and publishes with it: no look from outside sees Kafka there. The state of an application
//! holds one too, but handlers take that as a parameter, so it is left alone: its fields are seen.

use std::collections::HashSet;

use quote::ToTokens;

use super::graph::Graph;
use super::program::{Definition, Kind, Place, Program, Ty};

pub(super) struct Proposal {
    pub(super) index: usize,
    pub(super) is_trait: bool,
    /// The crate that the line goes into.
    pub(super) krate: usize,
    /// The line.
    pub(super) line: String,
}

pub(super) fn proposals(program: &Program, graph: &Graph<'_>) -> Vec<Proposal> {
    let direct = direct(program, graph);
    let holders = holders(program, &direct);
    let roots = roots(program);
    let with_handlers: HashSet<_> =
        program.functions.iter().filter(|function| function.handler.is_some()).map(|function| function.krate).collect();
    let mut found = Vec::new();
    for (index, definition) in program.definitions.iter().enumerate() {
        let krates = if with_handlers.contains(&definition.krate) {
            vec![definition.krate]
        } else {
            let uses = |krate: &usize| {
                program
                    .crates
                    .get(*krate)
                    .is_some_and(|found| found.members.iter().any(|(_, member)| *member == definition.krate))
            };
            let mut krates: Vec<_> = with_handlers.iter().copied().filter(uses).collect();
            krates.sort_unstable();
            krates
        };
        let is_trait = matches!(definition.kind, Kind::Trait);
        let wanted = if is_trait {
            is_telling(program, graph, index, &holders)
        } else {
            holders.contains(&index)
                && !roots.contains(&index)
                && !derefs_to_producer(program, index)
                && !by_telling_trait(program, graph, index, &holders)
                && (publishes(program, graph, index) || direct.contains(&index) && !has_pool(definition))
        };
        if !wanted || is_denied(program, index) {
            continue;
        }
        for krate in krates {
            let path = program.path_of(index, krate);
            let (parameters, arguments, clause) = generics(definition);
            let what = if is_trait { "trait " } else { "" };
            let line = format!("outbox::deny_raw!({parameters}{what}{path}{arguments}{clause});");
            found.push(Proposal { index, is_trait, krate, line });
        }
    }
    found
}

/// What `deny_raw!` needs of a generic type: its parameters in front, as they are declared, and the arguments behind.
fn generics(definition: &Definition) -> (String, String, String) {
    let (parameters, arguments, clause) = definition.generics.split_for_impl();
    let parameters = written(parameters);
    let space = if parameters.is_empty() { "" } else { " " };
    let clause = clause.map(|clause| format!(" {}", written(clause).trim_end_matches(','))).unwrap_or_default();
    (format!("{parameters}{space}"), written(arguments), clause)
}

/// Tokens with the spaces that a person would write.
fn written(tokens: impl ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    [(" :: ", "::"), (" < ", "<"), ("< ", "<"), (" >", ">"), (" : ", ": "), (" ,", ","), ("& ", "&"), ("' ", "'")]
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to))
}

fn fields(definition: &Definition) -> &[(String, syn::Type)] {
    match &definition.kind {
        Kind::Data(fields) => fields,
        _ => &[],
    }
}

fn held(program: &Program, index: usize, definition: &Definition) -> Vec<Ty> {
    let generics = std::slice::from_ref(&definition.generics);
    let place = Place { krate: definition.krate, module: definition.module, owner: Some(index), generics };
    let mut found = Vec::new();
    fields(definition).iter().for_each(|(_, ty)| program.holds(place, ty, &mut found));
    found
}

/// Types with a field that is a producer, behind whatever pointers; or a client, and a method that sends by it.
fn direct(program: &Program, graph: &Graph<'_>) -> HashSet<usize> {
    let sends = |index: usize| {
        let mut all = program.functions.iter().enumerate();
        all.any(|(at, function)| function.owner == Some(index) && graph.reaches(at))
    };
    let all = program.definitions.iter().enumerate().filter(|(index, definition)| {
        let held = held(program, *index, definition);
        held.contains(&Ty::Producer) || held.contains(&Ty::Client) && sends(*index)
    });
    all.map(|(index, _)| index).collect()
}

/// And those that hold one of them.
fn holders(program: &Program, direct: &HashSet<usize>) -> HashSet<usize> {
    let mut holders = direct.clone();
    loop {
        let all = program.definitions.iter().enumerate();
        let new: Vec<_> = all
            .filter(|(index, _)| !holders.contains(index))
            .filter(|(index, definition)| {
                held(program, *index, definition)
                    .iter()
                    .any(|ty| matches!(ty, Ty::Local(inner) if holders.contains(inner)))
            })
            .map(|(index, _)| index)
            .collect();
        if new.is_empty() {
            return holders;
        }
        holders.extend(new);
    }
}

/// Types that handlers are methods of, take their transaction from, or take for their pool: they hold all sorts of things.
fn roots(program: &Program) -> HashSet<usize> {
    let mut found = HashSet::new();
    for function in &program.functions {
        let Some(handler) = &function.handler else { continue };
        found.extend(function.owner);
        let place = Place {
            krate: function.krate,
            module: function.module,
            owner: function.owner,
            generics: &function.generics,
        };
        for (pattern, ty) in &function.inputs {
            let named = handler.root.as_ref().is_some_and(|root| binds(pattern, root));
            if let Ty::Local(index) = program.ty(place, ty)
                && (named || program.definition(index).is_some_and(has_pool))
            {
                found.insert(index);
            }
        }
    }
    found
}

fn binds(pattern: &syn::Pat, name: &str) -> bool {
    match pattern {
        syn::Pat::Ident(pattern) => pattern.ident == name,
        syn::Pat::TupleStruct(pattern) => pattern.elems.iter().any(|pattern| binds(pattern, name)),
        syn::Pat::Struct(pattern) => pattern.fields.iter().any(|field| binds(&field.pat, name)),
        _ => false,
    }
}

/// Whether a method of its own sends, or hands a producer out.
fn publishes(program: &Program, graph: &Graph<'_>, index: usize) -> bool {
    program.functions.iter().enumerate().any(|(at, function)| {
        let own = function.owner == Some(index) && function.handler.is_none();
        own && (graph.reaches(at) || hands_out(program, at, index))
    })
}

fn hands_out(program: &Program, at: usize, index: usize) -> bool {
    let Some(function) = program.functions.get(at) else { return false };
    let place =
        Place { krate: function.krate, module: function.module, owner: Some(index), generics: &function.generics };
    let mut found = Vec::new();
    if let Some(output) = &function.output {
        program.holds(place, output, &mut found);
    }
    found.contains(&Ty::Producer)
}

/// Whether it sends by a trait that is denied, and the type with it.
fn by_telling_trait(program: &Program, graph: &Graph<'_>, index: usize, holders: &HashSet<usize>) -> bool {
    let traits = program.impls.iter().filter(|(owner, _)| *owner == index).map(|(_, of_trait)| *of_trait);
    sends_by(program, graph, index).any(|sending| traits.clone().any(|of_trait| sending == of_trait))
        && sends_by(program, graph, index).all(|of_trait| is_telling(program, graph, of_trait, holders))
}

/// The traits by which a type sends.
fn sends_by<'p>(program: &'p Program, graph: &'p Graph<'_>, index: usize) -> impl Iterator<Item = usize> + 'p {
    let all = program.functions.iter().enumerate();
    all.filter(move |(at, function)| function.owner == Some(index) && function.handler.is_none() && graph.reaches(*at))
        .filter_map(|(_, function)| function.of_trait)
}

/// Whether at least half of a trait's implementers are types that hold a producer and send by it: a trait for jobs of all
/// sorts, one of which sends, says nothing.
fn is_telling(program: &Program, graph: &Graph<'_>, of_trait: usize, holders: &HashSet<usize>) -> bool {
    let owners: HashSet<_> =
        program.impls.iter().filter(|(_, name)| *name == of_trait).map(|(owner, _)| *owner).collect();
    let sends =
        |owner: &usize| holders.contains(owner) && sends_by(program, graph, *owner).any(|name| name == of_trait);
    let sending = owners.iter().filter(|owner| sends(owner)).count();
    sending > 0 && sending * 2 >= owners.len()
}

/// Such a type is seen by the compiler as the producer that it derefs to.
fn derefs_to_producer(program: &Program, index: usize) -> bool {
    program.derefs.get(&index).is_some_and(|(krate, module, generics, target)| {
        let generics = std::slice::from_ref(generics);
        program.ty(Place { krate: *krate, module: *module, owner: Some(index), generics }, target) == Ty::Producer
    })
}

fn has_pool(definition: &Definition) -> bool {
    fields(definition)
        .iter()
        .any(|(_, ty)| idents(ty).iter().any(|name| name.ends_with("Pool") || name == "DatabaseConnection"))
}

/// The names in a type.
fn idents(ty: &syn::Type) -> Vec<String> {
    struct Names(Vec<String>);
    impl<'a> syn::visit::Visit<'a> for Names {
        fn visit_ident(&mut self, name: &'a proc_macro2::Ident) {
            self.0.push(name.to_string());
        }
    }
    let mut names = Names(Vec::new());
    syn::visit::Visit::visit_type(&mut names, ty);
    names.0
}

/// Denied itself, or by a trait that it implements.
fn is_denied(program: &Program, index: usize) -> bool {
    let denied = |index: usize| program.crates.iter().any(|krate| krate.denied.contains(&index));
    denied(index) || program.impls.iter().any(|(ty, of_trait)| *ty == index && denied(*of_trait))
}
