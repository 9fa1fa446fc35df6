//! The rule that named trees of one block do not contain each other. The compiler would report that as a cycle
//! between their constants, on many lines.

use std::collections::HashMap;

use crate::language::diag::{Diag, message};
use crate::language::model::{Call, Child, NamedTree, Start, Tree, plain};
use crate::language::text::text_of;

/// Reports the first call of each cycle, and removes the start of its child, so that the compiler does not
/// repeat the message. A tree that contains itself is reported elsewhere, and calls under a `#[cfg(..)]` are
/// left to the compiler.
pub(super) fn are_broken(functions: &mut [(usize, NamedTree, bool)], diag: &mut Diag) {
    let names = functions.iter().map(|(_, function, _)| plain(&function.signature.name));
    let names = names.enumerate().map(|(at, name)| (name, at)).collect::<HashMap<_, _>>();
    for at in 0..functions.len() {
        // Removed calls are no part of further cycles.
        let calls = functions.iter().map(|(_, function, _)| calls(&function.tree, &names));
        let calls = calls.collect::<Vec<_>>();
        let (index, function, is_right) = &mut functions[at];
        let name = plain(&function.signature.name);
        diag.enter(*index);
        each_call(&mut function.tree, diag, &mut |call, diag| {
            let Some(&called) = called(call, &names).filter(|&&called| called != at) else {
                return true;
            };
            if !reaches(called, at, &calls) {
                return true;
            }
            let other = text_of(&call.path);
            let text = message(format!("`{name}` and `{other}` contain each other"));
            diag.error(&call.path, text.note("a tree that is part of itself has no end"));
            *is_right = false;
            false
        });
        diag.leave();
    }
}

/// Returns the function of this block that is called.
fn called<'a>(call: &Call, names: &'a HashMap<String, usize>) -> Option<&'a usize> {
    names.get(text_of(&call.path).trim_start_matches("self::"))
}

/// Returns the functions that a tree calls.
fn calls(tree: &Tree, names: &HashMap<String, usize>) -> Vec<usize> {
    let of_child = |child: &Child| match &child.start {
        _ if child.conditions().next().is_some() => Vec::new(),
        Start::Named(call) => called(call, names).copied().into_iter().collect(),
        Start::Nested(nested) => calls(nested, names),
        _ => Vec::new(),
    };
    tree.children.iter().flat_map(of_child).collect()
}

/// Looks at each call of a tree, and removes the start of a child for which `keep` returns `false`.
fn each_call(tree: &mut Tree, diag: &mut Diag, keep: &mut dyn FnMut(&Call, &mut Diag) -> bool) {
    for child in &mut tree.children {
        if child.conditions().next().is_some() {
            continue;
        }
        diag.enter(child.index);
        match &mut child.start {
            Start::Named(call) if !keep(call, diag) => child.start = Start::Missing,
            Start::Nested(nested) => each_call(nested, diag, keep),
            _ => {}
        }
        diag.leave();
    }
}

/// Returns whether calls lead from one function to another.
fn reaches(from: usize, to: usize, calls: &[Vec<usize>]) -> bool {
    let (mut seen, mut rest) = (vec![false; calls.len()], vec![from]);
    while let Some(at) = rest.pop() {
        if at == to {
            return true;
        }
        if !std::mem::replace(&mut seen[at], true) {
            rest.extend(&calls[at]);
        }
    }
    false
}
