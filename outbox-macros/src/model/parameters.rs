//! The parameters, by the names they bind.

use syn::{FnArg, Ident, ItemFn, Pat, PatType};

use crate::names;

/// Parameters that are a plain name.
pub(crate) fn parameters(function: &ItemFn) -> impl Iterator<Item = (&Ident, &PatType)> {
    function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => match &*parameter.pat {
            Pat::Ident(pat) => Some((&pat.ident, parameter)),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

/// All names that the parameters bind, in patterns too.
pub(super) fn bound(function: &ItemFn) -> Vec<Ident> {
    let bound = |input: &FnArg| match input {
        FnArg::Typed(parameter) => names::bound(&parameter.pat),
        FnArg::Receiver(_) => Vec::new(),
    };
    function.sig.inputs.iter().flat_map(bound).collect()
}
