//! What is known of macros, by their names.

use proc_macro2::TokenTree;
use syn::punctuated::Punctuated;
use syn::{Expr, Macro, Path, Token};

/// Expressions with commas between them.
pub(crate) type Arguments = Punctuated<Expr, Token![,]>;

/// Whether `path` names `emit!`, wherever it is.
pub(crate) fn is_emit(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident == "emit")
}

/// Whether the next group is the arguments of an `emit!`.
pub(crate) fn ends_with_emit(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., TokenTree::Ident(name), TokenTree::Punct(bang)] if name == "emit" && bang.as_char() == '!')
}

/// The arguments of a macro whose arguments are expressions, and stay so.
pub(crate) fn arguments(node: &Macro) -> Option<Arguments> {
    let name = &node.path.segments.last()?.ident;
    KNOWN.iter().any(|known| name == known).then(|| expressions(node))?
}

/// The arguments of any macro, if they are expressions.
pub(crate) fn expressions(node: &Macro) -> Option<Arguments> {
    node.parse_body_with(Arguments::parse_terminated).ok()
}

/// Whether `path` names a macro that does with its arguments what it says, and nothing else.
pub(crate) fn is_harmless(path: &Path) -> bool {
    let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    HARMLESS.contains(&&*name) || KNOWN.contains(&&*name) || is_query(path)
}

/// Whether `path` names one of sqlx's macros for statements, or one like them.
pub(crate) fn is_query(path: &Path) -> bool {
    path.segments.last().is_some_and(|last| last.ident.to_string().starts_with("query"))
}

/// Whether `path` names one of std's macros, which evaluate their arguments at once and where they stand: a run may
/// contain them.
///
/// Any other could hide an `.await`, a `return` or a `ROLLBACK TO`. Those of `tracing` and `log` are none of these, but
/// evaluate their arguments only when someone listens, and have names (`error!`, `debug!`) that others have too.
pub(crate) fn is_std(path: &Path) -> bool {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [name] => path.leading_colon.is_none() && STD.contains(&name),
        ["std" | "core" | "alloc", name] => STD.contains(&name),
        _ => false,
    }
}

/// Their arguments are expressions with commas between them, and stay so.
const KNOWN: [&str; 24] = [
    "join",
    "try_join",
    "vec",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "print",
    "println",
    "eprint",
    "eprintln",
    "format",
    "panic",
    "write",
    "writeln",
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "pin",
];

/// They do with their arguments what they say.
const HARMLESS: [&str; 31] = [
    "anyhow",
    "bail",
    "bind",
    "concat",
    "counter",
    "debug_span",
    "ensure",
    "env",
    "error_span",
    "event",
    "format_args",
    "gauge",
    "histogram",
    "include_str",
    "info_span",
    "json",
    "line",
    "macro_rules",
    "matches",
    "option_env",
    "pin_mut",
    "ready",
    "select",
    "select_biased",
    "span",
    "stringify",
    "todo",
    "trace_span",
    "unimplemented",
    "unreachable",
    "warn_span",
];

/// Those of std, alone or behind `std::`, `core::` or `alloc::`.
const STD: [&str; 30] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "unreachable",
    "vec",
    "write",
    "writeln",
];
