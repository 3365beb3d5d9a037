//! Calls of sqlx that make a statement, and the text in them.

use syn::{Expr, ExprCall, ExprLit, Lit, LitStr};

/// Functions of sqlx whose first argument is the statement.
pub(super) const QUERIES: [&str; 8] = [
    "query",
    "query_with",
    "query_as",
    "query_as_with",
    "query_scalar",
    "query_scalar_with",
    "raw_sql",
    "query_unchecked",
];

/// Its macros that take one.
pub(super) const QUERY_MACROS: [&str; 6] =
    ["query", "query_unchecked", "query_as", "query_as_unchecked", "query_scalar", "query_scalar_unchecked"];

/// Of a call that makes a statement: whether it surely is sqlx's, and its text, if that is literal.
pub(super) fn query_text(call: &ExprCall) -> Option<(bool, Option<&LitStr>)> {
    let Expr::Path(path) = &*call.func else { return None };
    let names: Vec<_> = path.path.segments.iter().map(|segment| &segment.ident).collect();
    let is_query = match names[..] {
        [.., owner, new] if owner == "QueryBuilder" => new == "new",
        [.., last] => QUERIES.iter().any(|query| last == query),
        [] => false,
    };
    let surely = names.first().is_some_and(|first| *first == "sqlx");
    is_query.then(|| (surely, call.args.first().and_then(text)))
}

/// A literal, also in `AssertSqlSafe(…)` and the like.
pub(super) fn text(expr: &Expr) -> Option<&LitStr> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) => Some(literal),
        Expr::Call(call) if call.args.len() == 1 && query_text(call).is_none() => call.args.first().and_then(text),
        Expr::Paren(paren) => text(&paren.expr),
        Expr::Group(group) => text(&group.expr),
        _ => None,
    }
}

/// Where a chain of methods begins.
pub(super) fn root(expr: &Expr) -> &Expr {
    match expr {
        Expr::MethodCall(call) => root(&call.receiver),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        other => other,
    }
}
