//! From a handler to code, by its form.

mod arguments;
mod joins;
mod opens;
mod survivor;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Item, ItemFn, Stmt};

use self::arguments::Arguments;
use crate::args::Args;
use crate::diagnostics::{HANDLER_TWICE, NOT_A_FUNCTION, Sink, compile_error};
use crate::model::{Handler, Output};
use crate::rewrite::Rewriter;
use crate::{derefs, emit, root};

pub(crate) fn transactional_event(args: TokenStream, item: TokenStream) -> TokenStream {
    let Ok(mut function) = syn::parse2::<ItemFn>(item.clone()).or_else(|_| syn::parse2(bare_blocks(item.clone())))
    else {
        let error = compile_error(&syn::Error::new(keyword(&item), NOT_A_FUNCTION));
        return quote!(#error #item);
    };
    let mut errors = Sink::default();
    let args = Args::read(args, &mut errors);
    if let Some(second) = function.attrs.iter().find(|other| is_ours(other)) {
        errors.at(second.path(), HANDLER_TWICE);
    }
    function.attrs.retain(|other| !is_ours(other));
    let path = args.root.as_ref().map(|(_, path)| path.clone());
    let handler = Handler::new(args, function, &mut errors);
    let expanded = expand(handler, errors);
    match path {
        Some(path) => root::import_at(expanded, &path),
        None => expanded,
    }
}

fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "transactional_event")
}

/// Without what `macro_rules!` puts around a `$body:block`: as a statement it needs no `;`.
fn bare_blocks(tokens: TokenStream) -> TokenStream {
    let bare = |token: TokenTree| {
        let TokenTree::Group(group) = token else { return token };
        let mut inside = group.stream().into_iter();
        match (group.delimiter(), inside.next(), inside.next()) {
            (Delimiter::None, Some(TokenTree::Group(block)), None) if block.delimiter() == Delimiter::Brace => {
                let mut block = Group::new(Delimiter::Brace, bare_blocks(block.stream()));
                block.set_span(group.span());
                block.into()
            }
            (delimiter, ..) => {
                let mut same = Group::new(delimiter, bare_blocks(group.stream()));
                same.set_span(group.span());
                same.into()
            }
        }
    };
    tokens.into_iter().map(bare).collect()
}

fn expand(mut handler: Handler, mut errors: Sink) -> TokenStream {
    derefs::check(&mut handler, &mut errors);
    let mut block = handler.function.block.clone();
    let mut rewriter = Rewriter::new(&handler, &mut errors);
    rewriter.visit_block_mut(&mut block);
    let checks = rewriter.guard.checks();
    match (errors.into_error(), handler.output.take()) {
        (None, Some(output)) => {
            let braces = block.brace_token.span.join();
            let keyword = handler.function.sig.asyncness.map_or_else(Span::call_site, |keyword| keyword.span());
            let body = Body { output, checks, statements: block.stmts, braces, keyword };
            if handler.args.opens.is_some() { opens::expand(handler, &body) } else { joins::expand(handler, body) }
        }
        (error, _) => {
            let error = error.as_ref().map(compile_error);
            let function = survivor::survivor(handler);
            quote!(#error #function)
        }
    }
}

/// What every form does with the user's statements.
struct Body {
    output: Output,
    /// Checks that stand in front.
    checks: TokenStream,
    /// As rewritten.
    statements: Vec<Stmt>,
    /// Of the user's block: a value that is missing at its end is missing there.
    braces: Span,
    /// Its `async`.
    keyword: Span,
}

impl Body {
    /// The statements in an async block of their own: `?` and `return` stop there.
    fn block(&self, arguments: &Arguments) -> TokenStream {
        let hold = &arguments.hold;
        let Self { output: Output { edge, .. }, checks, statements, braces, keyword, .. } = self;
        let out = name("out");
        let inside = quote! {
                // A return edge that is never taken: type errors and inference stay on the user's lines.
                #[allow(unreachable_code, clippy::all, clippy::pedantic)]
                if false {
                    let #out: #edge = ::outbox::__private::never();
                    #hold
                    return #out;
                }
                #checks
                #(#statements)*
        };
        let mut block = Group::new(Delimiter::Brace, inside);
        block.set_span(*braces);
        // There rustc shows what must not be borrowed as `mut`.
        let keyword = syn::token::Async(Span::mixed_site().located_at(*keyword));
        quote!(#keyword #block)
    }
}

/// `function` with other contents of its block. They are not parsed again: that would cost as much as everything else.
fn with_contents(mut function: ItemFn, contents: TokenStream) -> TokenStream {
    function.block.stmts.clear();
    let mut tokens: Vec<TokenTree> = function.into_token_stream().into_iter().collect();
    if let Some(TokenTree::Group(block)) = tokens.pop() {
        // Attributes of the block stand in it.
        let mut inside = block.stream();
        inside.extend(contents);
        let mut filled = Group::new(Delimiter::Brace, inside);
        filled.set_span(block.span());
        tokens.push(filled.into());
    }
    tokens.into_iter().collect()
}

/// A call of a function that is generic over the return type. An error about that is told where it is written, once.
fn at_output(body: &Body, function: &str, arguments: &TokenStream) -> TokenStream {
    let span = emit::site(&body.output.error);
    let function = Ident::new(function, span);
    quote_spanned!(span=> ::outbox::__private::#function(#arguments).await)
}

/// The name of what the body returns.
fn out(body: &Body) -> Ident {
    Ident::new("__outbox_out", emit::site(&body.output.error))
}

/// A name that no name of the user's meets.
fn name(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
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
