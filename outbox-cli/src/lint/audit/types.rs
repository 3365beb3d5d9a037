//! What a written type is: a producer, a type of the workspace, or something else; wrappers such as `Arc` are seen through.

use syn::{GenericArgument, GenericParam, Generics, PathArguments, Type, TypeParamBound, WherePredicate};

use super::program::{Kind, Place, Program, Ty};

/// Types that stand for the one inside.
const WRAPPERS: [&str; 27] = [
    "Arc",
    "Rc",
    "Box",
    "Option",
    "Result",
    "Mutex",
    "RwLock",
    "RefCell",
    "Lazy",
    "LazyLock",
    "LazyCell",
    "OnceCell",
    "OnceLock",
    "Cow",
    "Pin",
    "Weak",
    "ArcSwap",
    "ManuallyDrop",
    "CachePadded",
    "MutexGuard",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "Ref",
    "RefMut",
    "State",
    "Extension",
    "Data",
];

/// Types that do not hold what they name.
const HOLD_NOTHING: [&str; 6] =
    ["PhantomData", "Sender", "Receiver", "UnboundedSender", "UnboundedReceiver", "JoinHandle"];

pub(super) fn names(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

impl Program {
    /// What `ty` is, seen through references and wrappers.
    pub(super) fn ty(&self, place: Place<'_>, ty: &Type) -> Ty {
        self.ty_at(place, ty, 0)
    }

    fn ty_at(&self, place: Place<'_>, ty: &Type, depth: usize) -> Ty {
        if depth > 16 {
            return Ty::Unknown;
        }
        match ty {
            Type::Reference(inner) => self.ty_at(place, &inner.elem, depth + 1),
            Type::Paren(inner) => self.ty_at(place, &inner.elem, depth + 1),
            Type::Group(inner) => self.ty_at(place, &inner.elem, depth + 1),
            Type::TraitObject(object) => self.bounds(place, object.bounds.iter()),
            Type::ImplTrait(object) => self.bounds(place, object.bounds.iter()),
            Type::Path(path) if path.qself.is_none() => self.path(place, &path.path, depth),
            Type::Infer(_) | Type::Macro(_) | Type::Path(_) => Ty::Unknown,
            _ => Ty::Foreign,
        }
    }

    fn path(&self, place: Place<'_>, path: &syn::Path, depth: usize) -> Ty {
        let names = names(path);
        if let [only] = names.as_slice() {
            if only == "Self" {
                return place.owner.map_or(Ty::Unknown, Ty::Local);
            }
            if let Some(bound) = self.parameter(place, only) {
                return bound;
            }
        }
        let absolute = self.absolute(place, &names);
        match self.find(place.krate, &absolute) {
            Ty::Local(index) => match self.definition(index).map(|definition| (&definition.kind, definition)) {
                Some((Kind::Alias(ty), definition)) => {
                    let generics = std::slice::from_ref(&definition.generics);
                    let place = Place { krate: definition.krate, module: definition.module, owner: None, generics };
                    self.ty_at(place, ty, depth + 1)
                }
                _ => Ty::Local(index),
            },
            Ty::Unknown => match (names.last(), arguments(path).next()) {
                (Some(last), Some(inner)) if WRAPPERS.contains(&last.as_str()) => self.ty_at(place, inner, depth + 1),
                _ if absolute.first().is_some_and(|first| first == "crate") => Ty::Unknown,
                _ => Ty::Foreign,
            },
            found => found,
        }
    }

    /// A type parameter, by its bounds. A parameter without a telling one is unknown.
    fn parameter(&self, place: Place<'_>, name: &str) -> Option<Ty> {
        place.generics.iter().find_map(|generics| {
            generics.params.iter().find_map(|parameter| match parameter {
                GenericParam::Type(parameter) if parameter.ident == name => Some(()),
                _ => None,
            })?;
            Some(match self.bounds(place, of_parameter(generics, name).into_iter()) {
                Ty::Foreign => Ty::Unknown,
                told => told,
            })
        })
    }

    fn bounds<'b>(&self, place: Place<'_>, bounds: impl Iterator<Item = &'b TypeParamBound>) -> Ty {
        let told = bounds.filter_map(|bound| match bound {
            TypeParamBound::Trait(bound) => Some(self.find(place.krate, &self.absolute(place, &names(&bound.path)))),
            _ => None,
        });
        let mut told = told.filter(|ty| matches!(ty, Ty::Producer | Ty::Client | Ty::Local(_)));
        told.next().unwrap_or(Ty::Foreign)
    }

    /// Everything that a value of the written type may hold.
    pub(super) fn holds(&self, place: Place<'_>, ty: &Type, found: &mut Vec<Ty>) {
        found.push(self.ty(place, ty));
        match ty {
            Type::Reference(inner) => self.holds(place, &inner.elem, found),
            Type::Paren(inner) => self.holds(place, &inner.elem, found),
            Type::Group(inner) => self.holds(place, &inner.elem, found),
            Type::Array(inner) => self.holds(place, &inner.elem, found),
            Type::Slice(inner) => self.holds(place, &inner.elem, found),
            Type::Tuple(tuple) => tuple.elems.iter().for_each(|ty| self.holds(place, ty, found)),
            Type::Path(path) => {
                let last = path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
                if !HOLD_NOTHING.contains(&last.as_str()) {
                    arguments(&path.path).for_each(|ty| self.holds(place, ty, found));
                }
            }
            _ => {}
        }
    }
}

/// The type arguments of a path's last segment.
fn arguments(path: &syn::Path) -> impl Iterator<Item = &Type> {
    let arguments = path.segments.last().and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The bounds of a parameter, also those of the where clause.
fn of_parameter<'g>(generics: &'g Generics, name: &str) -> Vec<&'g TypeParamBound> {
    let inline = generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) if parameter.ident == name => Some(parameter.bounds.iter()),
        _ => None,
    });
    let clause =
        generics.where_clause.iter().flat_map(|clause| &clause.predicates).filter_map(|predicate| match predicate {
            WherePredicate::Type(predicate) => match &predicate.bounded_ty {
                Type::Path(path) if path.path.is_ident(name) => Some(predicate.bounds.iter()),
                _ => None,
            },
            _ => None,
        });
    inline.chain(clause).flatten().collect()
}
