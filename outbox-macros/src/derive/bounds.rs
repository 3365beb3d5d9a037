//! The bounds of the impl: what a generic event's payload, key, topic and headers need.

use std::collections::HashSet;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, Fields, Generics, Type, parse_quote};

use super::model::{Kind, Model, Payload};
use super::value;

/// The type's generics, with what the methods need of them.
pub(super) fn bounds(model: &Model<'_>) -> Generics {
    let Model { input, root, arms, .. } = model;
    let mut generics = input.generics.clone();
    let parameters: HashSet<String> =
        input.generics.type_params().map(|parameter| parameter.ident.to_string()).collect();
    if parameters.is_empty() {
        return generics;
    }
    let mut needs = Needs { parameters: &parameters, found: Vec::new() };
    let mut json = false;
    for arm in arms {
        match &arm.kind {
            Kind::Transparent => needs.push(arm.fields.iter().next().map(|field| &field.ty), quote!(#root::Event)),
            Kind::Own(own) => {
                json |= matches!(own.payload, Payload::Json);
                needs.push(field_type(own.key.as_ref(), arm.fields), quote!(#root::event::EventKey));
                needs.push(field_type(Some(&own.topic), arm.fields), quote!(#root::__private::Topic));
                for header in &own.headers {
                    needs.push(field_type(Some(&header.value), arm.fields), quote!(#root::event::HeaderValue));
                }
            }
        }
    }
    let ident = &input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    let clause = generics.make_where_clause();
    if json {
        clause.predicates.push(parse_quote!(#ident #arguments: #root::event::ToJson));
    }
    for (ty, bound) in needs.found {
        clause.predicates.push(parse_quote!(#ty: #bound));
    }
    generics
}

fn field_type<'a>(value: Option<&Expr>, fields: &'a Fields) -> Option<&'a Type> {
    let member = value::field(value?)?;
    fields.iter().zip(fields.members()).find(|(_, known)| *known == member).map(|(field, _)| &field.ty)
}

/// Bounds on types of fields that are generic.
struct Needs<'a> {
    parameters: &'a HashSet<String>,
    found: Vec<(Type, TokenStream)>,
}

impl Needs<'_> {
    fn push(&mut self, ty: Option<&Type>, bound: TokenStream) {
        if let Some(ty) = ty.filter(|ty| self.is_generic(ty.to_token_stream())) {
            self.found.push((ty.clone(), bound));
        }
    }

    fn is_generic(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => self.is_generic(group.stream()),
            TokenTree::Ident(ident) => self.parameters.contains(&ident.to_string()),
            _ => false,
        })
    }
}
