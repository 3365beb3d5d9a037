//! Names in a handler's tokens, and names on the wire.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Block, Expr, LitStr, Macro, Type};

/// Whether one of `names` is among `tokens`.
pub(crate) fn mentions(tokens: TokenStream, names: &[Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.contains(&ident),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

/// All names in a body, those in the arguments of macros and in braces in their texts included.
#[derive(Default)]
pub(crate) struct Mentioned {
    names: HashSet<String>,
    /// Texts that macros like `format!` may take names from.
    texts: Vec<String>,
    /// A text has a word in it that begins or ends a transaction.
    controls: bool,
}

impl Mentioned {
    pub(crate) fn of(body: &Block) -> Self {
        let mut mentioned = Self::default();
        mentioned.visit_block(body);
        mentioned
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.contains(name) || self.texts.iter().any(|text| text.contains(&format!("{{{name}")))
    }

    pub(crate) fn has_name(&self, name: &Ident) -> bool {
        self.has(&name.to_string())
    }

    /// Whether the body may begin or end a transaction, as far as words can tell.
    pub(crate) fn may_control(&self) -> bool {
        self.controls || self.has("commit") || self.has("rollback")
    }

    fn text(&mut self, text: &str) {
        const WORDS: [&str; 7] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE"];
        let upper = text.to_ascii_uppercase();
        self.controls |= WORDS.iter().any(|word| upper.contains(word));
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) => self.visit_ident(&name),
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    self.text(&text);
                    if text.contains('{') {
                        self.texts.push(text);
                    }
                }
                TokenTree::Punct(_) => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Mentioned {
    fn visit_ident(&mut self, node: &'ast Ident) {
        self.names.insert(node.to_string());
    }

    fn visit_lit_str(&mut self, node: &'ast LitStr) {
        self.text(&node.value());
    }

    fn visit_macro(&mut self, node: &'ast Macro) {
        visit::visit_path(self, &node.path);
        self.tokens(node.tokens.clone());
    }

    fn visit_expr(&mut self, node: &'ast Expr) {
        match node {
            Expr::Verbatim(tokens) => self.tokens(tokens.clone()),
            other => visit::visit_expr(self, other),
        }
    }
}

/// Types that are known by their names: most parameters are of one of them.
const PLAIN: [&str; 18] = [
    "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "String", "u8", "u16", "u32",
    "u64", "u128", "usize",
];

/// Whether nothing has to be asked about this type: it is `Sync`, and nothing sends or executes through it.
pub(crate) fn is_plain(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if PLAIN.iter().any(|name| path.path.is_ident(name)))
}

/// Kafka's rules for a topic, as the runtime checks them too.
pub(crate) fn is_topic(topic: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=249).contains(&topic.len()) && topic.bytes().all(legal) && topic != "." && topic != ".."
}

/// What is wrong with a header's name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeaderProblem {
    /// No name, or one of another length or with other characters than Kafka's tools take.
    Name,
    /// It is `content-type`, for which there is an option.
    ContentType,
    /// Others write it.
    Reserved,
}

/// The names that the runtime's `event::header_problem` refuses.
pub(crate) fn header_problem(name: &str) -> Option<HeaderProblem> {
    let starts = |prefix: &&str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is = |word: &&str| name.eq_ignore_ascii_case(word);
    if name.is_empty() || name.len() > 255 || name.chars().any(char::is_control) {
        Some(HeaderProblem::Name)
    } else if is(&"content-type") {
        Some(HeaderProblem::ContentType)
    } else if ["ce_", "traceparent", "__connect.", "kafka_", "outbox-"].iter().any(starts)
        || ["id", "tracestate"].iter().any(is)
    {
        Some(HeaderProblem::Reserved)
    } else {
        None
    }
}
