//! The types of expressions and patterns, as far as they are written down somewhere.

use syn::{Expr, ExprCall, ExprPath, Member, Pat};

use super::super::program::{Kind, Place, Ty};
use super::super::types::names;
use super::Body;

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

impl Body<'_> {
    /// Gives the names of a pattern their type.
    pub(super) fn bind(&mut self, pattern: &Pat, ty: Ty) {
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
    pub(super) fn part(&self, of: Ty, path: &syn::Path, field: &str) -> Ty {
        let Ty::Local(index) = of else { return Ty::Unknown };
        let name = path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let is_struct =
            name == "Self" || self.program.definition(index).is_some_and(|definition| definition.name == name);
        self.field(of, &if is_struct { field.to_owned() } else { format!("{name}.{field}") })
    }

    pub(super) fn field(&self, of: Ty, name: &str) -> Ty {
        let Ty::Local(index) = of else { return Ty::Unknown };
        let Some(definition) = self.program.definition(index) else { return Ty::Unknown };
        let Kind::Data(fields) = &definition.kind else { return Ty::Unknown };
        let generics = std::slice::from_ref(&definition.generics);
        let place = Place { krate: definition.krate, module: definition.module, owner: Some(index), generics };
        fields.iter().find(|(field, _)| field == name).map_or(Ty::Unknown, |(_, ty)| self.program.ty(place, ty))
    }

    /// What `ty` derefs to, if it is a type of the workspace that says so.
    pub(super) fn deref(&self, ty: Ty) -> Option<Ty> {
        let Ty::Local(index) = ty else { return None };
        let (krate, module, generics, target) = self.program.derefs.get(&index)?;
        let generics = std::slice::from_ref(generics);
        Some(self.program.ty(Place { krate: *krate, module: *module, owner: Some(index), generics }, target))
    }

    /// The type, down its derefs, that has the method.
    pub(super) fn with_method(&self, ty: Ty, name: &str) -> Ty {
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

    pub(super) fn output(&self, functions: &[usize]) -> Ty {
        let Some(function) = functions.first().and_then(|index| self.program.functions.get(*index)) else {
            return Ty::Unknown;
        };
        let owner = function.owner.or(function.of_trait);
        let place = Place { krate: function.krate, module: function.module, owner, generics: &function.generics };
        function.output.as_ref().map_or(Ty::Foreign, |ty| self.program.ty(place, ty))
    }

    pub(super) fn ty(&self, expression: &Expr) -> Ty {
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

    pub(super) fn ty_of_path(&self, path: &ExprPath) -> Ty {
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

    pub(super) fn ty_of_call(&self, call: &ExprCall) -> Ty {
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
    pub(super) fn owner(&self, names: &[String]) -> Ty {
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
    pub(super) fn functions(&self, path: &ExprPath) -> Vec<usize> {
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
}

fn name_of(member: &Member) -> String {
    match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}
