//! Values that are certainly no start of a child, although they look like one.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::language::diag::{Diag, Message, Place, message};
use crate::language::split::SPAWNS;
use crate::language::text::text;
use crate::language::tokens::{flatten, is_list, is_path, is_punct, is_word};

/// Reports the value, and returns whether it is no start.
pub(super) fn report(name: &Ident, value: &TokenStream, diag: &mut Diag) -> bool {
    let tokens = flatten(value.clone());
    let found = arrow_function(&tokens)
        .or_else(|| list(&tokens))
        .or_else(|| spawned(name, &tokens))
        .or_else(|| borrowed_context(&tokens));
    let is_no_start = found.is_some();
    if let Some(found) = found {
        diag.error(Place::from(value), found);
    }
    is_no_start
}

/// A function as in JavaScript or Scala: `(ctx) => worker(ctx)`.
fn arrow_function(tokens: &[TokenTree]) -> Option<Message> {
    let (arguments, rest) = match tokens {
        [word, arguments, rest @ ..] if is_word(word, "async") => (arguments, rest),
        [arguments, rest @ ..] => (arguments, rest),
        [] => return None,
    };
    let is_arguments = is_list(arguments) || matches!(arguments, TokenTree::Ident(_));
    let [first, second, ..] = rest else { return None };
    let is_arrow = is_punct(second, '>') && (is_punct(first, '=') || is_punct(first, '-'));
    (is_arguments && is_arrow)
        .then(|| message("a closure is written with bars").help("write `async |ctx| { .. }`"))
}

/// Several children in one entry: `[worker, other]` or `vec![..]`.
fn list(tokens: &[TokenTree]) -> Option<Message> {
    let list = match tokens {
        [list] => list,
        [word, bang, list] if is_word(word, "vec") && is_punct(bang, '!') => list,
        _ => return None,
    };
    let TokenTree::Group(group) = list else { return None };
    let is_list = group.delimiter() == Delimiter::Bracket;
    is_list.then(|| {
        message("a list is not a child")
            .help("write an entry for each child: `#[child] name = start`")
            .note("children that are made in a loop are added behind the block: `supervisor! { .. }.children(..)`")
    })
}

/// A task that was started by hand: `tokio::spawn(worker(ctx))`.
fn spawned(name: &Ident, tokens: &[TokenTree]) -> Option<Message> {
    let length = tokens.iter().take_while(|token| is_path(token)).count();
    let (path, [list @ TokenTree::Group(arguments)]) = tokens.split_at(length) else { return None };
    let names = path.iter().filter(|token| !is_punct(token, ':')).map(ToString::to_string);
    let names = names.collect::<Vec<_>>();
    let [.., of, function] = names.as_slice() else { return None };
    let is_known = ["tokio", "task", "thread"].contains(&of.as_str());
    if !is_list(list) || !is_known || !SPAWNS.contains(&function.as_str()) {
        return None;
    }
    let argument = flatten(arguments.stream());
    let path = argument.iter().take_while(|token| is_path(token)).count();
    let start = match argument.get(..path) {
        Some(path) if !path.is_empty() => text(path),
        _ => "async |ctx| { .. }".to_owned(),
    };
    Some(
        message("a child is not spawned: its supervisor starts it")
            .help(format!("write `{name} = {start}`")),
    )
}

/// A future that borrows the context which the closure owns: `|ctx| ctx.cancelled()`.
fn borrowed_context(tokens: &[TokenTree]) -> Option<Message> {
    let tokens = match tokens {
        [word, rest @ ..] if is_word(word, "move") => rest,
        all => all,
    };
    let [open, TokenTree::Ident(ctx), close, of, dot, TokenTree::Ident(method), list] = tokens
    else {
        return None;
    };
    let is_closure =
        is_punct(open, '|') && is_punct(close, '|') && is_punct(dot, '.') && is_list(list);
    let borrows = ["cancelled", "ready"].iter().any(|one| method == one);
    (is_closure && borrows && is_word(of, &ctx.to_string())).then(|| {
        message("this future borrows the context, which the closure owns")
            .help(format!("write `async |{ctx}| {ctx}.{method}().await`"))
    })
}
