//! Macros that a run may contain: std's, which evaluate their arguments at once and where they stand.
//!
//! Any other could hide an `.await`, a `return` or a `ROLLBACK TO`. Those of `tracing` and `log` are none of these, but
//! evaluate their arguments only when someone listens, and have names (`error!`, `debug!`) that others have too.

use syn::Path;

/// By their names, alone or behind `std::`, `core::` or `alloc::`.
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

/// Whether `path` names one of std's macros.
pub(crate) fn is_std(path: &Path) -> bool {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [name] => path.leading_colon.is_none() && STD.contains(&name),
        ["std" | "core" | "alloc", name] => STD.contains(&name),
        _ => false,
    }
}
