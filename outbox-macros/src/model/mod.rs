//! What a handler is: its function, its transaction, its return type; and the checks of all that.

mod options;
mod output;
mod parameters;
mod transaction;

use syn::{Ident, ItemFn, Type};

use crate::args::Args;
use crate::diagnostics::{self as say, Sink};
use crate::names::{Mentioned, rebound};

pub(crate) use output::Output;
pub(crate) use parameters::parameters;
pub(crate) use transaction::Behind;

/// A handler, as far as it could be read.
pub(crate) struct Handler {
    pub(crate) function: ItemFn,
    pub(crate) args: Args,
    /// The name of the transaction in the body.
    pub(crate) tx: Option<Ident>,
    /// What `tx` is a reference to.
    pub(crate) behind: Behind,
    /// The `Result` that the body returns.
    pub(crate) output: Option<Output>,
    /// The names in the body.
    pub(crate) mentioned: Mentioned,
    /// The names that the body binds.
    pub(crate) rebound: Vec<Ident>,
}

impl Handler {
    pub(crate) fn new(args: Args, function: ItemFn, errors: &mut Sink) -> Self {
        let lowered = output::lowered(&function);
        check_function(&function, lowered.is_some(), args.opens.is_some(), errors);
        options::check(&function, &args, errors);
        let output = lowered.or_else(|| output::written(&function, errors)).map(|written| Output::new(&written));
        let (tx, behind) = match &args.opens {
            Some(opens) => (transaction::opened(opens, &function, errors), Behind::Ours),
            // Perhaps the broken option was to name it.
            None if args.broken => (transaction::named(&function), Behind::Unknown),
            None => transaction::joined(&function, errors),
        };
        if let (Some(savepoint), Some(tx)) = (&args.savepoint, &tx)
            && args.opens.is_none()
            && parameters(&function)
                .any(|(name, parameter)| name == tx && !matches!(&*parameter.ty, Type::Reference(_)))
        {
            errors.at(savepoint, say::SAVEPOINT_OWNED);
        }
        let mentioned = Mentioned::of(&function.block);
        let rebound = rebound(&function.block.stmts);
        Self { function, args, tx, behind, output, mentioned, rebound }
    }
}

fn check_function(function: &ItemFn, lowered: bool, opens: bool, errors: &mut Sink) {
    let sig = &function.sig;
    if let Some(token) = &sig.constness {
        errors.at(token, say::CONST_FN);
    } else if sig.asyncness.is_none() && !lowered {
        errors.at(sig.fn_token, say::NOT_ASYNC);
    } else if lowered && opens {
        errors.at(&sig.ident, say::OPENS_LOWERED);
    }
}
