//! Reads a function's body: where it sends, and what it calls. Types are followed as far as they are written down.

mod infer;
mod macros;

use std::collections::HashMap;

use syn::visit::{self, Visit};
use syn::{Arm, ExprClosure, ExprLet, ExprMethodCall, ExprPath, ExprStruct, Item, Local, Macro};

use super::program::{Function, Place, Program, Ty};
use super::types::names;

/// What a body does.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// Line of the first send, and what it is.
    pub(super) send: Option<(usize, String)>,
    pub(super) calls: Vec<Call>,
}

#[derive(Debug)]
pub(super) struct Call {
    pub(super) line: usize,
    pub(super) target: Target,
}

#[derive(Debug)]
pub(super) enum Target {
    /// One of these functions.
    Known(Vec<usize>),
    /// A method of that name, on a receiver whose type is not written down.
    Method(String),
}

pub(super) fn read(program: &Program, function: &Function) -> Reading {
    let place = Place {
        krate: function.krate,
        module: function.module,
        owner: function.owner.or(function.of_trait),
        generics: &function.generics,
    };
    let mut body = Body { program, place, variables: HashMap::new(), reading: Reading::default() };
    for (pattern, ty) in &function.inputs {
        let ty = program.ty(place, ty);
        body.bind(pattern, ty);
    }
    body.visit_block(&function.body);
    body.reading
}

struct Body<'p> {
    program: &'p Program,
    place: Place<'p>,
    variables: HashMap<String, Ty>,
    reading: Reading,
}

impl Body<'_> {
    fn send(&mut self, line: usize, what: String) {
        // The first one that is a call says more than the record that it is given.
        let is_record = |what: &str| what.contains("::");
        match &self.reading.send {
            Some((_, before)) if !is_record(before) || is_record(&what) => {}
            _ => self.reading.send = Some((line, what)),
        }
    }

    fn call(&mut self, line: usize, target: Target) {
        self.reading.calls.push(Call { line, target });
    }

    /// A path that stands for sending by itself: a record's constructor, a producer's method, a function that publishes.
    fn sends_by_path(&self, names: &[String]) -> bool {
        let Some(krate) = self.program.crates.get(self.place.krate) else { return false };
        let absolute = self.program.absolute(self.place, names);
        let (Some(first), Some((last, before))) = (absolute.first(), names.split_last()) else { return false };
        let of_producer = !before.is_empty() && matches!(self.owner(before), Ty::Producer | Ty::Client);
        krate.clients.iter().any(|(client, name)| {
            let is_function = name == first && client.functions.contains(&last.as_str());
            let is_record = before.last().is_some_and(|ty| self.is_record(client.records, name, before, ty));
            is_function || is_record || (of_producer && client.methods.contains(&last.as_str()))
        })
    }

    fn is_record(&self, records: &[&str], client: &str, path: &[String], last: &str) -> bool {
        let absolute = self.program.absolute(self.place, path);
        absolute.first().is_some_and(|first| first == client)
            && absolute.last().is_some_and(|name| records.contains(&name.as_str()))
            // Under its own name it is the client's even through a re-export that was not followed.
            || (records.contains(&last) && self.program.find(self.place.krate, &absolute) == Ty::Unknown)
    }
}

impl<'a> Visit<'a> for Body<'_> {
    // Inner functions are functions of their own.
    fn visit_item(&mut self, _: &'a Item) {}

    fn visit_local(&mut self, local: &'a Local) {
        visit::visit_local(self, local);
        let ty = local.init.as_ref().map_or(Ty::Unknown, |init| self.ty(&init.expr));
        self.bind(&local.pat, ty);
    }

    fn visit_expr_let(&mut self, guard: &'a ExprLet) {
        visit::visit_expr_let(self, guard);
        let ty = self.ty(&guard.expr);
        self.bind(&guard.pat, ty);
    }

    fn visit_expr_match(&mut self, matched: &'a syn::ExprMatch) {
        self.visit_expr(&matched.expr);
        let ty = self.ty(&matched.expr);
        for arm in &matched.arms {
            self.bind(&arm.pat, ty);
            self.visit_arm(arm);
        }
    }

    fn visit_arm(&mut self, arm: &'a Arm) {
        visit::visit_arm(self, arm);
    }

    fn visit_expr_closure(&mut self, closure: &'a ExprClosure) {
        closure.inputs.iter().for_each(|input| self.bind(input, Ty::Unknown));
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_method_call(&mut self, call: &'a ExprMethodCall) {
        let (name, line) = (call.method.to_string(), call.method.span().start().line);
        match self.with_method(self.ty(&call.receiver), &name) {
            Ty::Producer | Ty::Client => {
                let clients = self.program.crates.get(self.place.krate).map(|krate| krate.clients.as_slice());
                // A producer that came through another member is one of a client that this crate does not name.
                let known = crate::lint::clients::CLIENTS.iter();
                let publishes = match clients {
                    Some([]) | None => known.flat_map(|client| client.methods).any(|method| *method == name),
                    Some(own) => own.iter().flat_map(|(client, _)| client.methods).any(|method| *method == name),
                };
                if publishes {
                    self.send(line, format!(".{name}("));
                }
            }
            Ty::Local(index) => self.call(line, Target::Known(self.program.methods(index, &name))),
            Ty::Unknown => self.call(line, Target::Method(name)),
            Ty::Foreign => {}
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'a ExprPath) {
        let names = names(&path.path);
        let line = path.path.segments.last().map_or(0, |segment| segment.ident.span().start().line);
        if self.sends_by_path(&names) {
            self.send(line, names.join("::"));
        } else {
            let found = self.functions(path);
            if !found.is_empty() {
                self.call(line, Target::Known(found));
            }
        }
    }

    fn visit_expr_struct(&mut self, literal: &'a ExprStruct) {
        let mut names = names(&literal.path);
        let line = literal.path.segments.last().map_or(0, |segment| segment.ident.span().start().line);
        let what = names.join("::");
        names.push("to".to_owned());
        if self.sends_by_path(&names) {
            self.send(line, format!("{what}::{{…}}"));
        }
        visit::visit_expr_struct(self, literal);
    }

    fn visit_macro(&mut self, item: &'a Macro) {
        self.tokens(item.tokens.clone());
    }
}
