//! Children that are calls of named trees: `#[child(tree)] storage = db::storage(config)`.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::nested::are_known;
use crate::language::diag::{Diag, message};
use crate::language::model::{Call, Options, Start};
use crate::language::signature::Angles;
use crate::language::text::text;
use crate::language::tokens::{flatten, is_list, is_path, is_punct, is_word};

/// Returns the start of a child, as the call of a named tree if the child is marked with `tree`.
pub(super) fn read(name: &Ident, start: Start, options: &Options, diag: &mut Diag) -> Start {
    let Some(key) = &options.tree else { return start };
    let value = match start {
        Start::Value(value) => value,
        Start::Closure(_) => {
            let text = message(format!("`{name}` is a closure, not the call of a named tree"))
                .help("remove `tree`");
            diag.error(key, text.note("`tree` marks the call of a named tree"));
            return start;
        }
        Start::Nested(_) => {
            let text = message("a nested block is checked with its parent anyway");
            let text = text.help("remove `tree`").note("`tree` marks the call of a named tree");
            diag.error(key, text);
            return start;
        }
        Start::Named(_) | Start::Missing => return start,
    };
    match path(&value) {
        Ok((path, methods)) => {
            let calls = |name| methods.iter().any(|token| is_word(token, name));
            let sets_kill_grace = calls("kill_grace");
            let adds_children = calls("child") || calls("children");
            Start::Named(Call { path, value, sets_kill_grace, adds_children })
        }
        Err(help) => {
            let text = message(format!("`{name}` is not the call of a named tree")).help(help);
            diag.error(&value, text.note("a named tree is a function that `supervisor!` declares"));
            Start::Value(without_methods(value))
        }
    }
}

/// Returns the path of the function and the methods that follow the call, or the help about a value that
/// is not such a call.
fn path(value: &TokenStream) -> Result<(TokenStream, Vec<TokenTree>), String> {
    let tokens = flatten(value.clone());
    let mut angles = Angles::default();
    // The first parentheses may belong to a type in the generic arguments, as in
    // `storage::<fn(A) -> B>(config)`.
    let is_call = |token: &TokenTree| !angles.see(token) && is_list(token);
    let end = tokens.iter().position(is_call).unwrap_or(tokens.len());
    let (callee, rest) = tokens.split_at(end);
    let path = without_turbofish(callee);
    let is_plain = path.iter().all(is_path) && matches!(path, [.., TokenTree::Ident(_)]);
    match rest {
        _ if !is_plain => {
            Err("remove `tree`, or call a named tree by its path: `storage(..)`".to_owned())
        }
        [] => Err(format!("call it: `{}(..)`", text(callee))),
        [_, methods @ ..] if !are_known(methods) => Err(format!(
            "leave out `{}`: nothing but `.child(..)`, `.children(..)`, `.keep_alive(..)`, \
             `.kill_grace(..)` and `.unresponsive_timeout(..)` may follow the call",
            text(methods)
        )),
        [_, methods @ ..] => Ok((path.iter().cloned().collect(), methods.to_vec())),
    }
}

/// Returns the call without the methods behind it, which were reported and may be wrong in other
/// ways.
fn without_methods(value: TokenStream) -> TokenStream {
    let tokens = flatten(value.clone());
    let mut angles = Angles::default();
    let is_call = |token: &TokenTree| !angles.see(token) && is_list(token);
    match tokens.iter().position(is_call) {
        Some(end) if without_turbofish(&tokens[..end]).iter().all(is_path) => {
            tokens[..=end].iter().cloned().collect()
        }
        _ => value,
    }
}

/// Returns `storage` of `storage::<T>`.
fn without_turbofish(callee: &[TokenTree]) -> &[TokenTree] {
    // If it has no generic arguments at its end, the callee stays as it is. Arguments further in front,
    // as in `A::<B>::storage`, are those of a type, and such a callee is no path of a named tree.
    if !callee.last().is_some_and(|token| is_punct(token, '>')) {
        return callee;
    }
    let opens = |window: &[TokenTree]| {
        is_punct(&window[0], ':') && is_punct(&window[1], ':') && is_punct(&window[2], '<')
    };
    match callee.windows(3).position(opens) {
        Some(at) => &callee[..at],
        None => callee,
    }
}

#[cfg(test)]
mod tests {
    use super::path;

    fn read(value: &str) -> Option<String> {
        let value = value.parse().expect("the test is made of tokens");
        path(&value).ok().map(|(path, _)| path.to_string().replace(' ', ""))
    }

    #[test]
    fn the_path_of_a_call_is_that_of_the_tree() {
        for (value, path) in [
            ("storage()", "storage"),
            ("storage::<T>(config)", "storage"),
            ("::db::storage::<Map<A, B>, fn(A) -> B>(a, b)", "::db::storage"),
            ("crate::storage(a).keep_alive(true).kill_grace(b)", "crate::storage"),
            ("r#match()", "r#match"),
        ] {
            assert_eq!(read(value).as_deref(), Some(path), "{value}");
        }
    }

    #[test]
    fn anything_else_has_no_tree() {
        for value in [
            "storage",
            "storage::<T>",
            "self.storage()",
            "<A as B>::storage()",
            "A::<B>::storage()",
            "storage().name(\"a\")",
            "storage()?",
            "storage().await",
            "(storage)()",
            "&storage()",
            "storage()()",
            "()",
        ] {
            assert_eq!(read(value), None, "{value}");
        }
    }
}
