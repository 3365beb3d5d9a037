//! Reads a function's body: where it sends, and what it calls. Types are followed as far as they are written down.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{
    Arm, Block, Expr, ExprCall, ExprClosure, ExprLet, ExprMethodCall, ExprPath, ExprStruct, Item, Local, Macro, Member,
    Pat, Stmt, Token,
};

use super::program::{Function, Kind, Place, Program, Ty};
use super::types::names;

/// Methods whose result stands for their receiver.
const SAME: [&str; 24] = [
    "clone",
    "as_ref",
    "as_mut",
    "as_deref",
    "borrow",
    "borrow_mut",
    "lock",
    "read",
    "write",
    "unwrap",
    "expect",
    "deref",
    "get",
    "get_or_init",
    "load",
    "load_full",
    "to_owned",
    "unwrap_or_else",
    "ok_or",
    "ok_or_else",
    "context",
    "map_err",
    "into_inner",
    "by_ref",
];

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

    /// Gives the names of a pattern their type.
    fn bind(&mut self, pattern: &Pat, ty: Ty) {
        match pattern {
            Pat::Ident(name) => {
                self.variables.insert(name.ident.to_string(), ty);
            }
            Pat::Type(typed) => {
                let ty = self.program.ty(self.place, &typed.ty);
                self.bind(&typed.pat, ty);
            }
            Pat::Reference(inner) => self.bind(&inner.pat, ty),
            Pat::Paren(inner) => self.bind(&inner.pat, ty),
            Pat::TupleStruct(inner) => {
                for (at, pattern) in inner.elems.iter().enumerate() {
                    let ty = match self.part(ty, &inner.path, &at.to_string()) {
                        // `Some(p)`, `Ok(p)`, `State(p)`: the type has been seen through already.
                        Ty::Unknown if inner.elems.len() == 1 => ty,
                        part => part,
                    };
                    self.bind(pattern, ty);
                }
            }
            Pat::Tuple(inner) => inner.elems.iter().for_each(|pat| self.bind(pat, Ty::Unknown)),
            Pat::Struct(inner) => {
                for field in &inner.fields {
                    let ty = self.part(ty, &inner.path, &name_of(&field.member));
                    self.bind(&field.pat, ty);
                }
            }
            _ => {}
        }
    }

    /// The type of what a pattern of that path takes out of a struct or a variant.
    fn part(&self, of: Ty, path: &syn::Path, field: &str) -> Ty {
        let Ty::Local(index) = of else { return Ty::Unknown };
        let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let is_struct =
            name == "Self" || self.program.definition(index).is_some_and(|definition| definition.name == name);
        self.field(of, &if is_struct { field.to_owned() } else { format!("{name}.{field}") })
    }

    fn field(&self, of: Ty, name: &str) -> Ty {
        let Ty::Local(index) = of else { return Ty::Unknown };
        let Some(definition) = self.program.definition(index) else { return Ty::Unknown };
        let Kind::Data(fields) = &definition.kind else { return Ty::Unknown };
        let generics = std::slice::from_ref(&definition.generics);
        let place = Place { krate: definition.krate, module: definition.module, owner: Some(index), generics };
        fields.iter().find(|(field, _)| field == name).map_or(Ty::Unknown, |(_, ty)| self.program.ty(place, ty))
    }

    /// What `ty` derefs to, if it is a type of the workspace that says so.
    fn deref(&self, ty: Ty) -> Option<Ty> {
        let Ty::Local(index) = ty else { return None };
        let (krate, module, generics, target) = self.program.derefs.get(&index)?;
        let generics = std::slice::from_ref(generics);
        Some(self.program.ty(Place { krate: *krate, module: *module, owner: Some(index), generics }, target))
    }

    /// The type, down its derefs, that has the method.
    fn with_method(&self, ty: Ty, name: &str) -> Ty {
        let mut here = ty;
        // A type may deref to itself.
        for _ in 0..4 {
            match here {
                Ty::Local(index) if self.program.methods(index, name).is_empty() => match self.deref(here) {
                    Some(next) => here = next,
                    None => return ty,
                },
                _ => return here,
            }
        }
        ty
    }

    fn output(&self, functions: &[usize]) -> Ty {
        let Some(function) = functions.first().and_then(|index| self.program.functions.get(*index)) else {
            return Ty::Unknown;
        };
        let owner = function.owner.or(function.of_trait);
        let place = Place { krate: function.krate, module: function.module, owner, generics: &function.generics };
        function.output.as_ref().map_or(Ty::Foreign, |ty| self.program.ty(place, ty))
    }

    fn ty(&self, expression: &Expr) -> Ty {
        match expression {
            Expr::Path(path) => self.ty_of_path(path),
            Expr::Field(field) => {
                let (base, name) = (self.ty(&field.base), name_of(&field.member));
                match self.field(base, &name) {
                    Ty::Unknown => self.deref(base).map_or(Ty::Unknown, |target| self.field(target, &name)),
                    known => known,
                }
            }
            Expr::Reference(inner) => self.ty(&inner.expr),
            Expr::Paren(inner) => self.ty(&inner.expr),
            Expr::Group(inner) => self.ty(&inner.expr),
            Expr::Unary(inner) => self.ty(&inner.expr),
            Expr::Await(inner) => self.ty(&inner.base),
            Expr::Try(inner) => self.ty(&inner.expr),
            Expr::Struct(literal) => {
                let path = self.program.absolute(self.place, &names(&literal.path));
                self.program.find(self.place.krate, &path)
            }
            Expr::MethodCall(call) => {
                let name = call.method.to_string();
                let receiver = self.with_method(self.ty(&call.receiver), &name);
                match receiver {
                    Ty::Local(index) => match self.program.methods(index, &name) {
                        found if !found.is_empty() => self.output(&found),
                        _ if SAME.contains(&name.as_str()) => receiver,
                        _ => Ty::Unknown,
                    },
                    _ if SAME.contains(&name.as_str()) => receiver,
                    _ => Ty::Unknown,
                }
            }
            Expr::Call(call) => self.ty_of_call(call),
            _ => Ty::Unknown,
        }
    }

    fn ty_of_path(&self, path: &ExprPath) -> Ty {
        let names = names(&path.path);
        let [name] = names.as_slice() else { return Ty::Unknown };
        if name == "self" {
            return self.place.owner.map_or(Ty::Unknown, Ty::Local);
        }
        if let Some(ty) = self.variables.get(name) {
            return *ty;
        }
        match self.program.statics.get(&(self.place.krate, name.clone())) {
            Some((module, ty)) => {
                self.program.ty(Place { module: *module, owner: None, generics: &[], ..self.place }, ty)
            }
            None => Ty::Unknown,
        }
    }

    fn ty_of_call(&self, call: &ExprCall) -> Ty {
        let Expr::Path(path) = &*call.func else { return Ty::Unknown };
        let found = self.functions(path);
        if !found.is_empty() {
            return self.output(&found);
        }
        let names = names(&path.path);
        let Some((_, owner)) = names.split_last() else { return Ty::Unknown };
        // `Arc::new(producer)`, `Some(producer)`: what is put in is what there is.
        let wraps = matches!(names.last().map(String::as_str), Some("new" | "Some" | "Ok" | "clone" | "from" | "pin"));
        match (self.owner(owner), call.args.first()) {
            (Ty::Foreign | Ty::Unknown, Some(inner)) if wraps => self.ty(inner),
            (owner, _) => owner,
        }
    }

    /// The type in front of an associated function's name.
    fn owner(&self, names: &[String]) -> Ty {
        match names {
            [] => Ty::Unknown,
            [name] if name == "Self" => self.place.owner.map_or(Ty::Unknown, Ty::Local),
            names => {
                let parsed = syn::parse_str::<syn::Type>(&names.join("::"));
                parsed.map_or(Ty::Unknown, |ty| self.program.ty(self.place, &ty))
            }
        }
    }

    /// The functions that a path names.
    fn functions(&self, path: &ExprPath) -> Vec<usize> {
        let names = names(&path.path);
        let Some((name, owner)) = names.split_last() else { return Vec::new() };
        if let Ty::Local(index) = self.owner(owner) {
            return self.program.methods(index, name);
        }
        if owner.is_empty() && self.variables.contains_key(name) {
            return Vec::new();
        }
        self.program.free(self.place, &names)
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

    fn statements(&mut self, block: &[Stmt]) {
        block.iter().for_each(|statement| self.visit_stmt(statement));
    }

    /// The arguments of a macro, in the first form that fits; a form of its own is cut where `select!` and its like have
    /// their arms.
    fn tokens(&mut self, tokens: TokenStream) {
        if let Ok(list) = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens.clone()) {
            list.iter().for_each(|expression| self.visit_expr(expression));
        } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            self.statements(&statements);
        } else {
            let pieces = pieces(tokens.clone());
            if pieces.len() > 1 {
                pieces.into_iter().for_each(|piece| self.tokens(piece));
            } else {
                tokens.into_iter().for_each(|token| {
                    if let TokenTree::Group(group) = token {
                        self.tokens(group.stream());
                    }
                });
            }
        }
    }
}

fn name_of(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Cuts at top-level `,`, `=>` and `=`.
fn pieces(tokens: TokenStream) -> Vec<TokenStream> {
    let (mut found, mut piece, mut joined) = (Vec::new(), Vec::new(), false);
    for token in tokens {
        let sign = match &token {
            TokenTree::Punct(sign) => Some((sign.as_char(), sign.spacing() == proc_macro2::Spacing::Joint)),
            _ => None,
        };
        match sign {
            Some((',', _)) | Some(('=', false)) if !joined => found.push(piece.drain(..).collect()),
            Some(('=', true)) if !joined => {}
            Some(('>', _)) if joined => found.push(piece.drain(..).collect()),
            _ => piece.push(token),
        }
        joined = matches!(sign, Some(('=', true)));
    }
    found.push(piece.into_iter().collect());
    found.retain(|piece: &TokenStream| !piece.is_empty());
    found
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
