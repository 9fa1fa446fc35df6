//! Expressions whose error is converted into whatever type is required, such as
//! `f().map_err(Into::into)`.

use proc_macro2::TokenTree;

use super::block::{expression, tail};
use super::head::behind_bar;
use crate::language::tokens::{flatten, is_list, is_punct, is_word};

/// The path in front of an expression, and the tokens behind it.
pub(super) struct Path<'a> {
    names: Vec<String>,
    /// The last token of the generic arguments, if there are any.
    last_argument: Option<&'a TokenTree>,
    pub(super) rest: &'a [TokenTree],
}

impl<'a> Path<'a> {
    /// Reads the path that the tokens begin with, which may be empty.
    pub(super) fn read(tokens: &'a [TokenTree]) -> Self {
        let mut path = Self { names: Vec::new(), last_argument: None, rest: tokens };
        while let [token, rest @ ..] = path.rest {
            let after_colon = tokens.len() == path.rest.len() || path.follows_colon(tokens);
            match token {
                TokenTree::Ident(name) if after_colon => path.names.push(name.to_string()),
                _ if is_punct(token, ':') => {}
                _ if is_punct(token, '<') && path.follows_colon(tokens) => {
                    path.arguments();
                    continue;
                }
                _ => break,
            }
            path.rest = rest;
        }
        path
    }

    /// Returns whether the token in front of the rest is a colon.
    fn follows_colon(&self, tokens: &[TokenTree]) -> bool {
        let at = tokens.len() - self.rest.len();
        at > 0 && is_punct(&tokens[at - 1], ':')
    }

    /// Passes over the generic arguments.
    fn arguments(&mut self) {
        // The first token is a `<`, so the depth is at least 1 until the arguments end. The
        // subtraction cannot underflow, and a token in front of the closing bracket exists.
        let mut depth = 0_usize;
        for (at, token) in self.rest.iter().enumerate() {
            let arrow = at > 0 && is_punct(&self.rest[at - 1], '-');
            depth += usize::from(is_punct(token, '<'));
            depth -= usize::from(is_punct(token, '>') && !arrow);
            if depth == 0 {
                self.last_argument = Some(&self.rest[at - 1]);
                self.rest = &self.rest[at + 1..];
                return;
            }
        }
        self.rest = &[];
    }

    /// Returns the last name, or an empty text.
    pub(super) fn last(&self) -> String {
        self.names.last().cloned().unwrap_or_default()
    }

    /// Returns whether the path is `name`, or ends with `module::name`.
    pub(super) fn is_below(&self, module: &str) -> bool {
        match self.names.as_slice() {
            [.., above, _] => above == module,
            _ => true,
        }
    }

    /// Returns whether the path is one of `Result` itself. An alias, or a function such as
    /// `anyhow::Ok`, may fix the error type.
    pub(super) fn is_outcome(&self) -> bool {
        match self.names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [_] | ["Result", _] => true,
            [krate, "result", "Result", _] => *krate == "core" || *krate == "std",
            _ => false,
        }
    }

    /// Returns whether the generic arguments do not fix the error type: there are none, or the last
    /// is `_`, as in `Ok::<(), _>`.
    pub(super) fn leaves_type_open(&self) -> bool {
        self.last_argument.is_none_or(|last| is_word(last, "_"))
    }
}

/// The answer to the question of whether an expression converts its error into whatever type is
/// required.
pub(super) enum Conversion {
    No,
    Yes,
    /// A conversion exactly if this body of a closure leaves the error type open. The body is
    /// returned instead of examined, because the module `outcome` builds on this one.
    Outcome(Vec<TokenTree>),
}

impl From<bool> for Conversion {
    fn from(is_conversion: bool) -> Self {
        if is_conversion { Self::Yes } else { Self::No }
    }
}

/// Examines an outcome, such as `f().map_err(Into::into)`.
pub(super) fn conversion(value: &[TokenTree]) -> Conversion {
    let Some((name, arguments)) = last_method(value) else { return Conversion::No };
    match name.as_str() {
        "into" => arguments.is_empty().into(),
        // `or_else` replaces the whole result by that of its closure, so the closure is examined
        // like a body of its own. The other methods only replace the error.
        "or_else" => match outcome(&arguments) {
            Some(outcome) => Conversion::Outcome(outcome.to_vec()),
            None => conversion_of_error(&arguments),
        },
        "map_err" | "ok_or" | "ok_or_else" => conversion_of_error(&arguments),
        _ => Conversion::No,
    }
}

/// Examines an error, or a function that makes one, such as `e.into()` or `From::from`.
pub(super) fn conversion_of_error(error: &[TokenTree]) -> Conversion {
    let error = outcome(error).unwrap_or(error);
    if let [TokenTree::Group(group)] = error {
        return conversion_of_error(tail(&flatten(group.stream())));
    }
    let path = Path::read(error);
    let called = matches!(path.rest, [] | [TokenTree::Group(_)]);
    let names = path.names.iter().map(String::as_str).collect::<Vec<_>>();
    let converter = match names.as_slice() {
        [.., of, function] => {
            // `Box::from` is included because errors are boxed: `Box<dyn Error>` is made of any
            // error and of text. `MyErr::from` is not, because it names its type.
            matches!((*of, *function), ("Into", "into") | ("From" | "Box", "from"))
        }
        _ => false,
    };
    if converter && called && path.last_argument.is_none() {
        return Conversion::Yes;
    }
    conversion(error)
}

/// Returns the body of a closure.
fn outcome(closure: &[TokenTree]) -> Option<&[TokenTree]> {
    let rest = match closure {
        [bar, rest @ ..] if is_punct(bar, '|') => rest,
        [word, bar, rest @ ..] if is_word(word, "move") && is_punct(bar, '|') => rest,
        _ => return None,
    };
    let body = behind_bar(rest).unwrap_or_default();
    Some(&body[..expression(body)])
}

/// Returns the last method that an expression calls, and its arguments.
fn last_method(tokens: &[TokenTree]) -> Option<(String, Vec<TokenTree>)> {
    match tokens {
        [.., dot, TokenTree::Ident(name), list @ TokenTree::Group(group)]
            if is_punct(dot, '.') && is_list(list) =>
        {
            Some((name.to_string(), flatten(group.stream())))
        }
        _ => None,
    }
}
