//! From a handler to code, and what is left of one that has mistakes.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Block, Item, ItemFn, parse_quote};

use crate::args::{Args, Opens};
use crate::diagnostics::{NOT_A_FUNCTION, Sink, compile_error};
use crate::emit::inert;
use crate::model::{Handler, Output};
use crate::rewrite::{Rewriter, ends_with_emit};
use crate::{derefs, emit};

pub(crate) fn transactional_event(args: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(function) = syn::parse2::<ItemFn>(item.clone()) else {
        let error = compile_error(&syn::Error::new(keyword(&item), NOT_A_FUNCTION));
        return quote!(#error #item);
    };
    let mut errors = Sink::default();
    let args = Args::read(args, &mut errors);
    let mut handler = Handler::new(args, function, &mut errors);
    derefs::check(&mut handler, &mut errors);
    let mut block = handler.function.block.clone();
    let mut rewriter = Rewriter::new(&handler, &mut errors);
    rewriter.visit_block_mut(&mut block);
    let checks = rewriter.guard.checks();
    match (errors.into_error(), &handler.output) {
        (None, Some(output)) => {
            let body = complete(&handler, output, &checks, &block);
            let mut function = handler.function;
            *function.block = body;
            function.into_token_stream()
        }
        (error, _) => {
            let error = error.as_ref().map(compile_error);
            let function = survivor(handler);
            quote!(#error #function)
        }
    }
}

/// The keyword of an item, for the caret.
fn keyword(item: &TokenStream) -> Span {
    let found = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Struct(item)) => Some(item.struct_token.span),
        Ok(Item::Enum(item)) => Some(item.enum_token.span),
        Ok(Item::Impl(item)) => Some(item.impl_token.span),
        Ok(Item::Trait(item)) => Some(item.trait_token.span),
        Ok(Item::Mod(item)) => Some(item.mod_token.span),
        Ok(Item::Const(item)) => Some(item.const_token.span),
        Ok(Item::Static(item)) => Some(item.static_token.span),
        Ok(Item::Type(item)) => Some(item.type_token.span),
        Ok(Item::Use(item)) => Some(item.use_token.span),
        Ok(Item::Union(item)) => Some(item.union_token.span),
        _ => None,
    };
    // A function without a body, in a trait.
    let function = || {
        item.clone().into_iter().find_map(|token| match token {
            TokenTree::Ident(name) if name == "fn" => Some(name.span()),
            _ => None,
        })
    };
    found.or_else(function).unwrap_or_else(Span::call_site)
}

fn complete(handler: &Handler, output: &Output, checks: &TokenStream, body: &Block) -> Block {
    match &handler.args.opens {
        Some(opens) => open(opens, output, checks, body),
        None => {
            let statements = &body.stmts;
            parse_quote!({ #checks #(#statements)* })
        }
    }
}

/// Input: `{ BODY }` · Output: begin, the body in an async block of its own (so that `?` and `return` stop there), finish.
fn open(opens: &Opens, output: &Output, checks: &TokenStream, body: &Block) -> Block {
    let Opens { tx, from } = opens;
    let convert = emit::convert(&output.error);
    let edge = &output.edge;
    let name = |name| Ident::new(name, Span::mixed_site());
    let (owned, out, error) = (name("owned"), name("out"), name("error"));
    let statements = &body.stmts;
    parse_quote!({
        let mut #owned = match ::outbox::__private::Begin::begin(&(#from)).await {
            ::core::result::Result::Ok(#owned) => #owned,
            ::core::result::Result::Err(#error) => return ::core::result::Result::Err(#convert(#error)),
        };
        let #out = {
            #[allow(unused_variables)]
            let #tx = &mut #owned;
            async {
                // A return edge that is never taken: type errors and inference stay on the user's lines.
                #[allow(unreachable_code, clippy::diverging_sub_expression, clippy::needless_return)]
                if false {
                    let #out: #edge = ::outbox::__private::never();
                    return #out;
                }
                #checks
                #(#statements)*
            }
            .await
        };
        ::outbox::__private::finish(#owned, #out, #convert).await
    })
}

/// What stands in for a handler with mistakes: its callers compile, its imports are used, and the only errors are ours.
fn survivor(handler: Handler) -> TokenStream {
    let Handler { mut function, args: Args { opens, .. }, tx, .. } = handler;
    let mut inert = Inert::default();
    inert.visit_block_mut(&mut function.block);
    let statements = &function.block.stmts;
    let is_async = function.sig.asyncness.is_some();
    let body: Block = match (&opens, &tx) {
        (Some(opens), Some(tx)) if is_async => {
            let (owned, from) = (Ident::new("owned", Span::mixed_site()), &opens.from);
            parse_quote!({
                let mut #owned = match ::outbox::__private::Begin::begin(&(#from)).await {
                    ::core::result::Result::Ok(#owned) => #owned,
                    ::core::result::Result::Err(_) => ::outbox::__private::never(),
                };
                let #tx = &mut #owned;
                #(#statements)*
            })
        }
        (None, tx) if is_async && (tx.is_some() || !inert.mentions_tx) => parse_quote!({ #(#statements)* }),
        // The body cannot be understood without what is missing.
        _ => {
            let emits = &inert.emits;
            parse_quote!({
                #(#emits;)*
                ::outbox::__private::never()
            })
        }
    };
    *function.block = body;
    function.sig.constness = None;
    quote!(#[allow(unused, clippy::all, clippy::pedantic)] #function)
}

/// Makes each `emit!` do nothing; it is not taken away, or its import would be unused.
#[derive(Default)]
struct Inert {
    emits: Vec<TokenStream>,
    mentions_tx: bool,
}

impl VisitMut for Inert {
    fn visit_ident_mut(&mut self, node: &mut Ident) {
        self.mentions_tx |= node == "tx";
    }

    fn visit_macro_mut(&mut self, node: &mut syn::Macro) {
        if node.path.segments.last().is_some_and(|last| last.ident == "emit") {
            let (path, mark, rest) = (&node.path, inert(), &node.tokens);
            self.emits.push(quote!(#path!(#mark)));
            node.tokens = quote!(#mark #rest);
        } else {
            self.mentions_tx |= mentions_tx(node.tokens.clone());
            node.tokens = self.tokens(node.tokens.clone());
        }
    }
}

impl Inert {
    fn tokens(&mut self, input: TokenStream) -> TokenStream {
        let mut output = Vec::<TokenTree>::new();
        for token in input {
            let TokenTree::Group(group) = &token else {
                output.push(token);
                continue;
            };
            let (mark, rest) = (inert(), group.stream());
            let inner = if ends_with_emit(&output) { quote!(#mark #rest) } else { self.tokens(rest) };
            let mut rewritten = proc_macro2::Group::new(group.delimiter(), inner);
            rewritten.set_span(group.span());
            output.push(rewritten.into());
        }
        output.into_iter().collect()
    }
}

fn mentions_tx(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "tx",
        TokenTree::Group(group) => mentions_tx(group.stream()),
        _ => false,
    })
}
