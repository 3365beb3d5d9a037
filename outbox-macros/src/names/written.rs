//! Names of types, as they are written; an alias says nothing.

use syn::{Ident, Type};

/// The last name of a type, behind references.
pub(crate) fn last_name(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Reference(reference) => last_name(&reference.elem),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// Types that are known by their names: most parameters are of one of them.
const PLAIN: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "String", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

/// Whether nothing has to be asked about this type: it is `Sync`, and nothing sends or executes through it.
pub(crate) fn is_plain(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if PLAIN.iter().any(|name| path.path.is_ident(name)))
}
