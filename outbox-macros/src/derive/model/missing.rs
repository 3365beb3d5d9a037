//! Options that are needed and left out.

use proc_macro2::Ident;
use syn::{DeriveInput, Error};

use crate::diagnostics::{self as say, Sink};

/// What is left out on the type and on every variant is told once, at the type.
#[derive(Default)]
pub(super) struct Missing {
    pub(super) arms: Vec<(Ident, [bool; 3])>,
}

const NEEDED: [&str; 3] = ["name = \"…\"", "version = 1", "topic = \"…\""];

impl Missing {
    pub(super) fn tell(&self, input: &DeriveInput, variants: bool, errors: &mut Sink) {
        let whole: [bool; 3] =
            std::array::from_fn(|option| !self.arms.is_empty() && self.arms.iter().all(|(_, missing)| missing[option]));
        let list = |missing: [bool; 3]| {
            let listed = NEEDED.iter().zip(missing).filter_map(|(option, missing)| missing.then_some(*option));
            listed.collect::<Vec<_>>().join(", ")
        };
        let code = say::EVENT_NEEDS_CODE;
        let told = list(whole);
        if variants && !told.is_empty() {
            let message = format!("{} `{told}`; {} {code}", say::EVENT_VARIANTS_NEED, say::EVENT_VARIANTS_REMEDY);
            errors.push(Error::new_spanned(&input.ident, message));
        }
        for (ident, missing) in &self.arms {
            let told = list(std::array::from_fn(|option| missing[option] && !(variants && whole[option])));
            if !told.is_empty() {
                errors.push(Error::new_spanned(ident, format!("{} `#[event({told})]` {code}", say::EVENT_NEEDS)));
            }
        }
    }
}
