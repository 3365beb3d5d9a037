//! From handlers to sends: the shortest way through the functions in between.

use std::collections::{HashSet, VecDeque};

use super::body::{Reading, Target};
use super::program::Program;

/// Names that methods of anything have: on a receiver whose type is not written down they say nothing.
const COMMON: [&str; 46] = [
    "send",
    "get",
    "get_mut",
    "set",
    "insert",
    "remove",
    "push",
    "pop",
    "write",
    "read",
    "flush",
    "close",
    "next",
    "poll",
    "commit",
    "begin",
    "rollback",
    "execute",
    "fetch",
    "fetch_one",
    "fetch_all",
    "fetch_optional",
    "run",
    "call",
    "start",
    "stop",
    "map",
    "and_then",
    "then",
    "join",
    "wait",
    "handle",
    "process",
    "apply",
    "update",
    "delete",
    "save",
    "find",
    "load",
    "new",
    "build",
    "clone",
    "into",
    "from",
    "bind",
    "finish",
];

/// A way from a function to a send.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// Where the first function calls the next one, or sends itself.
    pub(super) line: usize,
    /// The functions in between, the one that sends at the end.
    pub(super) through: Vec<usize>,
}

pub(super) struct Graph<'p> {
    program: &'p Program,
    readings: &'p [Reading],
    /// Whether a send can be reached from a function.
    reaches: Vec<bool>,
}

impl<'p> Graph<'p> {
    pub(super) fn new(program: &'p Program, readings: &'p [Reading]) -> Self {
        let reaches = readings.iter().map(|reading| reading.send.is_some()).collect();
        let mut graph = Self { program, readings, reaches };
        // Certain edges first; only then is it known what all methods of a name have in common.
        while graph.step(false) || graph.step(true) {}
        graph
    }

    fn step(&mut self, guessing: bool) -> bool {
        let new: Vec<_> = (0..self.readings.len())
            .filter(|function| !self.reaches(*function))
            .filter(|function| {
                let calls = self.readings.get(*function).into_iter().flat_map(|reading| &reading.calls);
                let targets = calls
                    .filter(|call| guessing || matches!(call.target, Target::Known(_)))
                    .flat_map(|call| self.targets(*function, &call.target));
                targets.collect::<Vec<_>>().into_iter().any(|target| self.reaches(target))
            })
            .collect();
        for function in &new {
            if let Some(reaches) = self.reaches.get_mut(*function) {
                *reaches = true;
            }
        }
        !new.is_empty()
    }

    pub(super) fn reaches(&self, function: usize) -> bool {
        self.reaches.get(function).copied().unwrap_or_default()
    }

    /// The functions that a call may run. By name alone only if all of that name send: else too much would be guessed.
    fn targets(&self, caller: usize, target: &Target) -> Vec<usize> {
        match target {
            Target::Known(functions) => functions.clone(),
            Target::Method(name) if COMMON.contains(&name.as_str()) => Vec::new(),
            Target::Method(name) => {
                let Some(krate) = self.program.functions.get(caller).map(|function| function.krate) else {
                    return Vec::new();
                };
                let members = self.program.crates.get(krate).map(|krate| krate.members.as_slice()).unwrap_or_default();
                let near = |other: usize| other == krate || members.iter().any(|(_, member)| *member == other);
                let all = self.program.named_functions(name).filter(|(_, function)| {
                    near(function.krate) && (function.owner.is_some() || function.of_trait.is_some())
                });
                let all: Vec<_> = all.map(|(index, _)| index).collect();
                if all.iter().all(|index| self.reaches(*index)) { all } else { Vec::new() }
            }
        }
    }

    /// All ways from `start` to a send, one for each call in it.
    pub(super) fn chains(&self, start: usize) -> Vec<Chain> {
        let Some(reading) = self.readings.get(start) else { return Vec::new() };
        let mut found = Vec::new();
        if let Some((line, _)) = &reading.send {
            found.push(Chain { line: *line, through: Vec::new() });
        }
        for call in &reading.calls {
            if let Some(through) = self.shortest(start, self.targets(start, &call.target))
                && !found.iter().any(|chain: &Chain| chain.through == through)
            {
                found.push(Chain { line: call.line, through });
            }
        }
        found
    }

    fn shortest(&self, start: usize, first: Vec<usize>) -> Option<Vec<usize>> {
        let mut seen = HashSet::from([start]);
        let mut left: VecDeque<Vec<usize>> = first.into_iter().map(|function| vec![function]).collect();
        while let Some(way) = left.pop_front() {
            let last = *way.last()?;
            let is_handler = self.program.functions.get(last).is_some_and(|function| function.handler.is_some());
            // Another handler is reported by itself.
            if !self.reaches(last) || is_handler || !seen.insert(last) {
                continue;
            }
            let reading = self.readings.get(last)?;
            if reading.send.is_some() {
                return Some(way);
            }
            for next in reading.calls.iter().flat_map(|call| self.targets(last, &call.target)) {
                let mut longer = way.clone();
                longer.push(next);
                left.push_back(longer);
            }
        }
        None
    }
}
