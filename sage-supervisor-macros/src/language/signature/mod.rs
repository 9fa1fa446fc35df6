//! The signature of a function, which is read on tokens. The body is kept as it is, even if it does
//! not parse.

mod reader;

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};
use quote::format_ident;

pub(crate) use self::reader::{Angles, Reader, function_name};

use self::reader::split;
use crate::language::diag::{Diag, Place, message};
use crate::language::tokens::{flatten, is_block, is_punct};

pub(crate) struct Signature {
    /// The attributes, each with the first word of its path.
    pub(crate) attributes: Vec<(String, TokenStream)>,
    pub(crate) visibility: TokenStream,
    /// The words between the visibility and `fn`, such as `async`.
    pub(crate) qualifiers: Vec<TokenTree>,
    pub(crate) fn_token: Ident,
    pub(crate) name: Ident,
    pub(crate) generics: TokenStream,
    pub(crate) receiver: Option<TokenStream>,
    /// The arguments without the receiver `self`.
    pub(crate) arguments: Vec<Argument>,
    /// The return type with its arrow, or nothing.
    pub(crate) output: TokenStream,
    pub(crate) where_clause: TokenStream,
    pub(crate) body: Group,
}

pub(crate) struct Argument {
    /// The argument as it was written.
    pub(crate) tokens: TokenStream,
    /// The name, or an invented one if the argument is a pattern.
    pub(crate) name: Ident,
    pub(crate) ty: TokenStream,
    /// The `#[cfg(..)]` or `#[cfg_attr(..)]` of the argument.
    pub(crate) cfg: Option<TokenStream>,
}

impl Argument {
    /// Returns whether the type is a reference without a named lifetime. One with a named lifetime
    /// may be `'static`.
    pub(crate) fn is_reference(&self) -> bool {
        match flatten(self.ty.clone()).as_slice() {
            [and, tick, TokenTree::Ident(lifetime), ..] if is_punct(tick, '\'') => {
                is_punct(and, '&') && lifetime == "_"
            }
            [and, ..] => is_punct(and, '&'),
            [] => false,
        }
    }
}

/// The messages about missing parts.
pub(crate) struct Wanted {
    pub(crate) function: &'static str,
    pub(crate) body: &'static str,
    pub(crate) help: Option<&'static str>,
}

impl Signature {
    /// Reads the signature. `None` stands for an item that is not a function with a body; the
    /// missing part is reported, unless the compiler reports it.
    pub(crate) fn parse(item: TokenStream, wanted: &Wanted, diag: &mut Diag) -> Option<Self> {
        let tokens = item.into_iter().collect::<Vec<_>>();
        let mut reader = Reader { tokens: &tokens, at: 0 };
        let attributes = reader.attributes();
        let visibility = reader.visibility();
        let qualifiers = reader.qualifiers();
        let Some(fn_token) = reader.word("fn") else {
            let at = reader.tokens.get(reader.at).map_or_else(Place::call_site, Place::from);
            diag.error(at, message(wanted.function));
            return None;
        };
        // An item that has no name or no arguments is no valid Rust. A child function is then passed
        // on to the compiler, and a named tree is reported by its reader.
        let Some(TokenTree::Ident(name)) = reader.next().cloned() else { return None };
        let generics = reader.generics();
        let Some(TokenTree::Group(arguments)) = reader.next() else { return None };
        let (receiver, arguments) = read_arguments(arguments);
        // The body is the last block: the return type and the `where` clause may contain others, as
        // in `Array<{ N }>`.
        let is_body = |token: &TokenTree| block(token).is_some();
        let end = reader.rest().iter().rposition(is_body).unwrap_or(reader.rest().len());
        let (head, tail) = reader.rest().split_at(end);
        let ([_], Some(body)) = (tail, tail.first().and_then(block)) else {
            // With other tokens behind the body, the item is not a function, which the compiler
            // reports.
            if tail.is_empty() {
                let text = message(wanted.body);
                let text = match wanted.help {
                    Some(help) => text.help(help),
                    None => text,
                };
                diag.error(&name, text);
            }
            return None;
        };
        let is_where =
            |token: &TokenTree| matches!(token, TokenTree::Ident(word) if word == "where");
        let (output, where_clause) = head.split_at(head.iter().position(is_where).unwrap_or(end));
        Some(Self {
            attributes,
            visibility,
            qualifiers,
            fn_token,
            name,
            generics,
            receiver,
            arguments,
            output: output.iter().cloned().collect(),
            where_clause: where_clause.iter().cloned().collect(),
            body,
        })
    }

    /// Returns the word `async`, if the function has it.
    pub(crate) fn asynchronous(&self) -> Option<&TokenTree> {
        self.qualifiers.iter().find(|word| word.to_string() == "async")
    }

    /// Returns the generic parameters between the angle brackets.
    pub(crate) fn parameters(&self) -> Vec<Parameter> {
        let tokens = self.generics.clone().into_iter().collect::<Vec<_>>();
        let Some(inside) = tokens.get(1..tokens.len().saturating_sub(1)) else { return Vec::new() };
        split(inside).into_iter().filter_map(parameter).collect()
    }
}

pub(crate) enum Parameter {
    Lifetime(Ident, Place),
    /// A type or a constant.
    Value(Ident),
}

fn parameter(tokens: &[TokenTree]) -> Option<Parameter> {
    match tokens {
        [tick, TokenTree::Ident(name), ..] if is_punct(tick, '\'') => {
            Some(Parameter::Lifetime(name.clone(), Place::between(tick, name)))
        }
        [TokenTree::Ident(word), TokenTree::Ident(name), ..] if word == "const" => {
            Some(Parameter::Value(name.clone()))
        }
        [TokenTree::Ident(name), ..] => Some(Parameter::Value(name.clone())),
        _ => None,
    }
}

fn read_arguments(group: &Group) -> (Option<TokenStream>, Vec<Argument>) {
    let tokens = group.stream().into_iter().collect::<Vec<_>>();
    let mut receiver = None;
    let mut arguments = Vec::new();
    for (index, item) in split(&tokens).into_iter().enumerate() {
        let mut attributes = Reader { tokens: item, at: 0 }.attributes().into_iter();
        let cfg = attributes.find(|(path, _)| path == "cfg" || path == "cfg_attr");
        let cfg = cfg.map(|(_, tokens)| tokens);
        let colon = (0..item.len()).find(|&at| is_colon(item, at)).unwrap_or(item.len());
        let (pattern, ty) = item.split_at(colon);
        if pattern.iter().any(|token| token.to_string() == "self") {
            receiver = Some(item.iter().cloned().collect());
            continue;
        }
        // The word behind `mut` or `ref` is the name. `_` and patterns such as `(a, b)` have none.
        let name = match pattern {
            [.., TokenTree::Ident(name)] if name != "_" => name.clone(),
            _ => format_ident!("__argument_{index}"),
        };
        let ty = ty.iter().skip(1).cloned().collect();
        arguments.push(Argument { tokens: item.iter().cloned().collect(), name, ty, cfg });
    }
    (receiver, arguments)
}

/// Returns the braces `{ .. }`, which may be the `$block` of a `macro_rules!`.
fn block(token: &TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) if is_block(token) => Some(group.clone()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let inner = group.stream().into_iter().collect::<Vec<_>>();
            if let [only] = inner.as_slice() { block(only) } else { None }
        }
        _ => None,
    }
}

/// Returns whether the token is a `:`, and not one half of `::`.
fn is_colon(tokens: &[TokenTree], at: usize) -> bool {
    let spacing = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => Some(punct.spacing()),
        _ => None,
    };
    // The second half of `::` has the spacing `Alone` as well, so the token in front of it has to
    // be looked at.
    spacing(Some(at)) == Some(Spacing::Alone) && spacing(at.checked_sub(1)) != Some(Spacing::Joint)
}
