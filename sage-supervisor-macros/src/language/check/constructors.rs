//! Help for entries that call a constructor of `ChildSpec`.

use proc_macro2::{Ident, TokenStream, TokenTree};

use crate::language::tokens::{flatten, is_list, is_path, is_word};

/// Returns the name of the constructor that the value begins with. Methods may follow the call.
pub(super) fn name_of(value: &TokenStream) -> Option<String> {
    let tokens = flatten(value.clone());
    let end = tokens.iter().position(|token| !is_path(token))?;
    match &tokens[..=end] {
        // The two tokens in the middle are the `::`.
        [.., of, _, _, TokenTree::Ident(constructor), list]
            if is_list(list) && is_word(of, "ChildSpec") =>
        {
            Some(constructor.to_string())
        }
        _ => None,
    }
}

/// Returns the help for `clone(..)` on such a value.
pub(super) fn clone_instead(child: &Ident, constructor: &str, names: &[Ident]) -> String {
    let bars = match constructor {
        "blocking" => "|ctx|",
        "command" => "||",
        _ => return itself(child),
    };
    let (of, clones) = (one_or_all(names, ""), one_or_all(names, ".clone()"));
    let closure = format!("{{ let {of} = {clones}; move {bars} .. }}");
    format!("clone it by hand, in front of the closure: `{closure}`")
}

/// Returns the help for `lend(..)` on such a value.
pub(super) fn lend_instead(child: &Ident, constructor: &str, names: &[Ident]) -> String {
    let values = one_or_all(names, "");
    match constructor {
        "blocking" => {
            let call = format!("ChildSpec::blocking_lending(\"{child}\", {values}, start)");
            format!("write `{child} = {call}`, where `start` takes a `Lent<..>` behind the context")
        }
        "lending" | "blocking_lending" => {
            format!("give it to the call, which lends its second argument: `{values}`")
        }
        "command" => "move it into the closure: `move || ..`".to_owned(),
        _ => itself(child),
    }
}

fn itself(child: &Ident) -> String {
    format!("write the closure itself: `{child} = async move |ctx| ..`")
}

fn one_or_all(names: &[Ident], suffix: &str) -> String {
    let names = names.iter().map(|name| format!("{name}{suffix}")).collect::<Vec<_>>();
    match names.as_slice() {
        [one] => one.clone(),
        all => format!("({})", all.join(", ")),
    }
}
