//! Fills a [`Program`] from the sources: first all names, then all functions, whose signatures need the names.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Fields, FnArg, Generics, ImplItem, Item, ItemFn, ItemUse, Signature, TraitItem};

use super::program::{Crate, Definition, Function, Handler, Kind, Place, Program, Ty};
use super::source::{Imports, is_test};
use super::types::names;

/// Indexes what `crates` define.
pub(super) fn index(crates: Vec<Crate>) -> Program {
    let mut program = Program { crates, ..Program::default() };
    program.inner_imports();
    for (krate, module) in program.modules() {
        program.define(krate, module);
    }
    for (krate, module) in program.modules() {
        program.functions_of(krate, module);
        program.denied_in(krate, module);
    }
    program
}

impl Program {
    pub(super) fn modules(&self) -> Vec<(usize, usize)> {
        let crates = self.crates.iter().enumerate();
        crates.flat_map(|(krate, found)| (0..found.modules.len()).map(move |module| (krate, module))).collect()
    }

    fn items(&self, krate: usize, module: usize) -> Vec<Item> {
        self.module(krate, module).map(|module| module.items.clone()).unwrap_or_default()
    }

    /// `use` inside a function counts for its module: names seldom mean two things in one file.
    fn inner_imports(&mut self) {
        for module in self.crates.iter_mut().flat_map(|krate| &mut krate.modules) {
            let mut found = InnerUses(Imports::default());
            module.items.iter().for_each(|item| found.visit_item(item));
            module.imports.names.extend(found.0.names);
            module.imports.globs.extend(found.0.globs);
        }
    }

    fn define(&mut self, krate: usize, module: usize) {
        for item in self.items(krate, module) {
            let (name, generics, kind) = match item {
                Item::Struct(item) => (item.ident, item.generics, Kind::Data(fields(&item.fields))),
                Item::Enum(item) => {
                    let of = |variant: &syn::Variant| {
                        let named = fields(&variant.fields).into_iter();
                        let name = variant.ident.clone();
                        named.map(move |(field, ty)| (format!("{name}.{field}"), ty))
                    };
                    let all = item.variants.iter().flat_map(of).collect();
                    (item.ident, item.generics, Kind::Data(all))
                }
                Item::Type(item) => (item.ident, item.generics, Kind::Alias(item.ty)),
                Item::Trait(item) => (item.ident, item.generics, Kind::Trait),
                Item::Static(item) => {
                    self.statics.insert((krate, item.ident.to_string()), (module, *item.ty));
                    continue;
                }
                _ => continue,
            };
            let (line, name) = (name.span().start().line, name.to_string());
            self.by_name.entry((krate, name.clone())).or_default().push(self.definitions.len());
            self.definitions.push(Definition { krate, module, name, line, generics, kind });
        }
    }

    fn functions_of(&mut self, krate: usize, module: usize) {
        let place = Place { krate, module, owner: None, generics: &[] };
        for item in self.items(krate, module) {
            match item {
                Item::Fn(item) => self.function(place, &item.attrs, &item.sig, *item.block, None),
                Item::Impl(item) => {
                    let generics = [item.generics.clone()];
                    let owner = match self.ty(Place { generics: &generics, ..place }, &item.self_ty) {
                        Ty::Local(index) => Some(index),
                        _ => None,
                    };
                    let of_trait = item.trait_.as_ref().and_then(|(path, _)| {
                        match self.find(krate, &self.absolute(place, &names(path))) {
                            Ty::Local(index) => Some(index),
                            _ => None,
                        }
                    });
                    if let (Some(owner), Some(of_trait)) = (owner, of_trait) {
                        self.impls.push((owner, of_trait));
                    }
                    let place = Place { owner, generics: &generics, ..place };
                    for inner in item.items {
                        if let (ImplItem::Type(target), Some(owner)) = (&inner, owner)
                            && target.ident == "Target"
                        {
                            let found = (krate, module, item.generics.clone(), target.ty.clone());
                            self.derefs.insert(owner, found);
                        }
                        if let ImplItem::Fn(inner) = inner {
                            self.function(place, &inner.attrs, &inner.sig, inner.block, of_trait);
                        }
                    }
                }
                Item::Trait(item) => {
                    let Ty::Local(of_trait) = self.find(krate, &self.absolute(place, &[item.ident.to_string()])) else {
                        continue;
                    };
                    for inner in item.items {
                        if let TraitItem::Fn(inner) = inner
                            && let Some(body) = inner.default
                        {
                            self.function(place, &inner.attrs, &inner.sig, body, Some(of_trait));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn function(
        &mut self,
        place: Place<'_>,
        attributes: &[Attribute],
        signature: &Signature,
        body: syn::Block,
        of_trait: Option<usize>,
    ) {
        if is_test(attributes) {
            return;
        }
        let mut inner = InnerFunctions(Vec::new());
        inner.visit_block(&body);
        for item in inner.0 {
            let free = Place { owner: None, generics: &[], ..place };
            self.function(free, &item.attrs, &item.sig, *item.block, None);
        }
        let inputs = signature.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(input) => Some(((*input.pat).clone(), (*input.ty).clone())),
            FnArg::Receiver(_) => None,
        });
        let output = match &signature.output {
            syn::ReturnType::Type(_, ty) => Some((**ty).clone()),
            syn::ReturnType::Default => None,
        };
        let mut generics: Vec<Generics> = place.generics.to_vec();
        generics.push(signature.generics.clone());
        let handler = attributes.iter().find_map(|attribute| self.handler(place, attribute));
        self.functions_named.entry(signature.ident.to_string()).or_default().push(self.functions.len());
        self.functions.push(Function {
            krate: place.krate,
            module: place.module,
            name: signature.ident.to_string(),
            owner: place.owner,
            of_trait,
            generics,
            inputs: inputs.collect(),
            output,
            body,
            handler,
        });
    }

    fn handler(&self, place: Place<'_>, attribute: &Attribute) -> Option<Handler> {
        let path = self.absolute(place, &names(attribute.path()));
        if path.last().is_none_or(|name| name != "transactional_event") {
            return None;
        }
        let tokens = attribute.meta.require_list().map(|list| list.tokens.clone()).unwrap_or_default();
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut handler = Handler::default();
        for (at, token) in tokens.iter().enumerate() {
            match (token, tokens.get(at + 1)) {
                (TokenTree::Ident(name), Some(TokenTree::Punct(sign))) if name == "tx" && sign.as_char() == '=' => {
                    handler.root = tokens.iter().skip(at + 2).find_map(|token| match token {
                        TokenTree::Ident(name) => Some(name.to_string()),
                        _ => None,
                    });
                }
                (TokenTree::Ident(name), Some(TokenTree::Group(group))) if name == "allow" => {
                    handler.excused |= mentions(group.stream(), "raw_kafka");
                }
                _ => {}
            }
        }
        Some(handler)
    }

    /// Types and traits that the module gives to `deny_raw!`.
    fn denied_in(&mut self, krate: usize, module: usize) {
        let place = Place { krate, module, owner: None, generics: &[] };
        for item in self.items(krate, module) {
            let Item::Macro(item) = item else { continue };
            if item.mac.path.segments.last().is_none_or(|segment| segment.ident != "deny_raw") {
                continue;
            }
            for path in paths(item.mac.tokens) {
                if let Ty::Local(index) = self.find(krate, &self.absolute(place, &path))
                    && let Some(own) = self.crates.get_mut(krate)
                {
                    own.denied.push(index);
                }
            }
        }
    }
}

/// The paths in the arguments of `deny_raw!`, without `dyn`, `trait` and generic arguments.
fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let (mut found, mut path, mut depth, mut clause) = (Vec::new(), Vec::new(), 0_usize, false);
    for token in tokens {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '<' => depth += 1,
            TokenTree::Punct(sign) if sign.as_char() == '>' => depth = depth.saturating_sub(1),
            TokenTree::Punct(sign) if sign.as_char() == ',' && depth == 0 => {
                found.push(std::mem::take(&mut path));
                clause = false;
            }
            TokenTree::Ident(name) if name == "where" => clause = true,
            TokenTree::Ident(name) if depth == 0 && !clause && name != "dyn" && name != "trait" => {
                path.push(name.to_string())
            }
            _ => {}
        }
    }
    found.push(path);
    found.retain(|path| !path.is_empty());
    found
}

fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

fn fields(fields: &Fields) -> Vec<(String, syn::Type)> {
    let named = fields.iter().enumerate().map(|(at, field)| {
        let name = field.ident.as_ref().map_or_else(|| at.to_string(), ToString::to_string);
        (name, field.ty.clone())
    });
    named.collect()
}

struct InnerFunctions(Vec<ItemFn>);

impl<'a> Visit<'a> for InnerFunctions {
    // Not deeper: what is found here looks for its own.
    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        self.0.push(item.clone());
    }
}

struct InnerUses(Imports);

impl<'a> Visit<'a> for InnerUses {
    fn visit_item_use(&mut self, item: &'a ItemUse) {
        self.0.add(&item.tree, &mut Vec::new());
        visit::visit_item_use(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_deny_raw_are_read() {
        let text = "Publisher, dyn ports::Bus, trait crate::Bus, <P: Producer> Typed<P> where P: Send, Last";
        let found: Vec<_> = paths(text.parse().expect("tokens")).iter().map(|path| path.join("::")).collect();
        assert_eq!(found, ["Publisher", "ports::Bus", "crate::Bus", "Typed", "Last"]);
    }
}
