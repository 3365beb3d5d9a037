//! What a path means where it is written: types, functions, methods, through `use`, re-exports and other members.

use super::program::{Function, Kind, Place, Program, Ty};

impl Program {
    /// `path` as it reads from the crate's root: it starts with `crate`, or with the name of another crate.
    pub(super) fn absolute(&self, place: Place<'_>, path: &[String]) -> Vec<String> {
        let known = self.expand(place, path, 0);
        let (Some(first), Some(module)) = (known.first(), self.module(place.krate, place.module)) else { return known };
        if first == "crate" || known.as_slice() != path || self.is_crate(place.krate, first) {
            return known;
        }
        // Nothing else explains the name: a glob may.
        let candidates = module.imports.globs.iter().map(|glob| {
            let mut candidate = self.expand(place, glob, 0);
            candidate.extend(path.iter().cloned());
            candidate
        });
        let mut candidates = candidates.filter(|candidate| self.find(place.krate, candidate) != Ty::Unknown);
        candidates.next().unwrap_or(known)
    }

    /// Follows the module's names and `use` declarations, but no globs.
    fn expand(&self, place: Place<'_>, path: &[String], depth: usize) -> Vec<String> {
        let Some(module) = self.module(place.krate, place.module) else { return path.to_vec() };
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut here = vec!["crate".to_owned()];
        here.extend(module.path.iter().cloned());
        match first.as_str() {
            "crate" | "$crate" => return std::iter::once("crate".to_owned()).chain(rest.iter().cloned()).collect(),
            "self" => return here.into_iter().chain(rest.iter().cloned()).collect(),
            "super" => {
                here.pop();
                let ups = rest.iter().take_while(|name| *name == "super").count();
                here.truncate(here.len().saturating_sub(ups).max(1));
                return here.into_iter().chain(rest.iter().skip(ups).cloned()).collect();
            }
            _ => {}
        }
        if self.is_item(place, first) {
            return here.into_iter().chain(path.iter().cloned()).collect();
        }
        if let Some(import) = module.imports.get(first)
            && depth < 4
        {
            // `use rdkafka::…` under its own name must not look itself up again.
            let known =
                if import.first() == Some(first) { import.clone() } else { self.expand(place, import, depth + 1) };
            return known.into_iter().chain(rest.iter().cloned()).collect();
        }
        path.to_vec()
    }

    fn is_item(&self, place: Place<'_>, name: &str) -> bool {
        let defined = self.by_name.get(&(place.krate, name.to_owned())).is_some_and(|found| {
            found.iter().any(|index| self.definition(*index).is_some_and(|found| found.module == place.module))
        });
        let Some(module) = self.module(place.krate, place.module) else { return defined };
        defined
            || self.crates.get(place.krate).is_some_and(|krate| {
                krate.modules.iter().any(|inner| {
                    inner
                        .path
                        .split_last()
                        .is_some_and(|(last, before)| last == name && before == module.path.as_slice())
                })
            })
    }

    fn is_crate(&self, krate: usize, name: &str) -> bool {
        self.crates.get(krate).is_some_and(|krate| {
            krate.clients.iter().any(|(_, client)| client == name)
                || krate.members.iter().any(|(member, _)| member == name)
        })
    }

    /// What the type at an absolute path is.
    pub(super) fn find(&self, krate: usize, path: &[String]) -> Ty {
        let Some(own) = self.crates.get(krate) else { return Ty::Unknown };
        let (Some(first), Some(last)) = (path.first(), path.last()) else { return Ty::Unknown };
        if path.len() > 1
            && let Some((client, _)) = own.clients.iter().find(|(_, name)| name == first)
        {
            let sends = client.producers.iter().chain(client.traits).any(|name| name == last);
            return match (sends, client.mixed.contains(&last.as_str())) {
                (true, _) => Ty::Producer,
                (false, true) => Ty::Client,
                (false, false) => Ty::Foreign,
            };
        }
        if path.len() > 1
            && let Some((_, member)) = own.members.iter().find(|(name, _)| name == first)
        {
            return self.named(*member, path, last);
        }
        if first == "crate" { self.named(krate, path, last) } else { Ty::Unknown }
    }

    /// The definition at `path` in `krate`; or, through a re-export, the only one of that name.
    fn named(&self, krate: usize, path: &[String], last: &str) -> Ty {
        let Some(found) = self.by_name.get(&(krate, last.to_owned())) else {
            // A re-export of the client's own type under its own name.
            return self.reexported(krate, path, last);
        };
        let modules = path.get(1..path.len().saturating_sub(1)).unwrap_or_default();
        let exact = found.iter().find(|index| {
            self.definition(**index)
                .and_then(|definition| self.module(krate, definition.module))
                .is_some_and(|module| module.path == modules)
        });
        match (exact, found.as_slice()) {
            (Some(exact), _) => Ty::Local(*exact),
            (None, [only]) => Ty::Local(*only),
            _ => Ty::Unknown,
        }
    }

    fn reexported(&self, krate: usize, path: &[String], last: &str) -> Ty {
        let Some(own) = self.crates.get(krate) else { return Ty::Unknown };
        let modules = path.get(1..path.len().saturating_sub(1)).unwrap_or_default();
        let module = own.modules.iter().find(|module| module.path == modules);
        match module.and_then(|module| module.imports.get(last)) {
            Some(import) if import.first().is_some_and(|first| self.is_crate(krate, first)) => self.find(krate, import),
            _ => Ty::Unknown,
        }
    }

    /// All implementations of the methods `name` on a type, or of a trait's.
    pub(super) fn methods(&self, of: usize, name: &str) -> Vec<usize> {
        let all = |test: &dyn Fn(&Function) -> bool| -> Vec<usize> {
            self.named_functions(name).filter(|(_, function)| test(function)).map(|(index, _)| index).collect()
        };
        if matches!(self.definition(of).map(|definition| &definition.kind), Some(Kind::Trait)) {
            return all(&|function| function.of_trait == Some(of));
        }
        let own = all(&|function| function.owner == Some(of));
        if !own.is_empty() {
            return own;
        }
        let traits: Vec<_> = self.impls.iter().filter(|(ty, _)| *ty == of).map(|(_, name)| *name).collect();
        all(&|function| {
            function.owner.is_none() && function.of_trait.is_some_and(|of_trait| traits.contains(&of_trait))
        })
    }

    pub(super) fn named_functions(&self, name: &str) -> impl Iterator<Item = (usize, &Function)> {
        let named = self.functions_named.get(name).map(Vec::as_slice).unwrap_or_default();
        named.iter().filter_map(|index| Some((*index, self.functions.get(*index)?)))
    }

    /// `crate::module::Name`, or with the library's name from another crate.
    pub(super) fn path_of(&self, index: usize, from: usize) -> String {
        let Some(definition) = self.definition(index) else { return String::new() };
        let library = self.crates.get(definition.krate).and_then(|krate| krate.library.clone());
        let root = if definition.krate == from { "crate".to_owned() } else { library.unwrap_or_default() };
        let modules = self.module(definition.krate, definition.module).map(|module| module.path.clone());
        let mut parts = vec![root];
        parts.extend(modules.unwrap_or_default());
        parts.push(definition.name.clone());
        parts.join("::")
    }

    /// Free functions that a path may name; the only one of its name where the path itself does not tell.
    pub(super) fn free(&self, place: Place<'_>, path: &[String]) -> Vec<usize> {
        let absolute = self.absolute(place, path);
        let found = self.free_at(place, &absolute);
        let globs =
            self.module(place.krate, place.module).map(|module| module.imports.globs.as_slice()).unwrap_or_default();
        if !found.is_empty() || absolute.len() > 1 {
            return found;
        }
        let by_glob = globs.iter().map(|glob| {
            let mut whole = self.absolute(place, glob);
            whole.extend(absolute.iter().cloned());
            self.free_at(place, &whole)
        });
        by_glob.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn free_at(&self, place: Place<'_>, absolute: &[String]) -> Vec<usize> {
        let (Some(first), Some((name, before))) = (absolute.first(), absolute.split_last()) else { return Vec::new() };
        let members = self.crates.get(place.krate).map(|krate| krate.members.as_slice()).unwrap_or_default();
        let krate = match members.iter().find(|(member, _)| member == first) {
            Some((_, member)) if absolute.len() > 1 => *member,
            _ => place.krate,
        };
        let modules = before.get(1..).unwrap_or_default();
        let is_free =
            |function: &Function| function.krate == krate && function.owner.is_none() && function.of_trait.is_none();
        let all: Vec<_> = self.named_functions(name).filter(|(_, function)| is_free(function)).collect();
        let here =
            |function: &Function, path: &[String]| self.module(krate, function.module).is_some_and(|m| m.path == path);
        let own = self.module(place.krate, place.module).map(|module| module.path.clone()).unwrap_or_default();
        let exact: Vec<_> = match absolute {
            // A plain name that no `use` explains: of this module, if anything.
            [_] => all.iter().filter(|(_, function)| here(function, &own)).map(|(index, _)| *index).collect(),
            _ => all.iter().filter(|(_, function)| here(function, modules)).map(|(index, _)| *index).collect(),
        };
        let is_ours = absolute.len() > 1 && (first == "crate" || krate != place.krate);
        match (exact.is_empty(), all.as_slice()) {
            (true, [(only, _)]) if is_ours => vec![*only],
            _ => exact,
        }
    }
}
