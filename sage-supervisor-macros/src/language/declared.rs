//! The model as data of the policy crate, which has the defaults, the analyses and the drawing of a
//! declared tree for the macros, the constants of an expansion and the runtime.

use std::mem;

use sage_supervisor_policy::backoff::{DEFAULT_FACTOR, DEFAULT_JITTER, DEFAULT_RESET_AFTER};
use sage_supervisor_policy::time::milliseconds;
use sage_supervisor_policy::{
    DeclaredBackoff, DeclaredChild, DeclaredTree, Order, Setting, WrittenChild, WrittenStart,
    WrittenTree,
};

use crate::language::args::{Limit, Value, known};
use crate::language::backoff::{Backoff, DEFAULT_MAX, Delays};
use crate::language::closure::is_async_block;
use crate::language::model::{Child, Start, Tree};
use crate::language::tokens::is_word;

/// Calls `then` with the declared tree, in which all children under a `#[cfg(..)]` exist. The tree
/// cannot be returned, because it borrows the children of each supervisor from the stack.
pub(crate) fn declared<R>(tree: &Tree, then: impl FnOnce(&DeclaredTree<'_>) -> R) -> R {
    let (mut then, mut result) = (Some(then), None);
    declare(tree, &tree.called(), &mut |tree| result = then.take().map(|then| then(&tree)));
    result.expect("a tree is declared once")
}

fn declare(tree: &Tree, name: &str, then: &mut dyn FnMut(DeclaredTree<'_>)) {
    let names = tree.children.iter().map(Child::entry_name).collect::<Vec<_>>();
    let entries = tree.children.iter().zip(names.iter().map(String::as_str)).collect::<Vec<_>>();
    add_children(tree, name, &entries, Vec::new(), then);
}

/// Adds `entries` to the children that are `done`. The children behind a nested supervisor are added
/// while its own children are still borrowed.
fn add_children<'a>(
    tree: &'a Tree,
    name: &'a str,
    entries: &[(&'a Child, &'a str)],
    mut done: Vec<DeclaredChild<'a>>,
    then: &mut dyn FnMut(DeclaredTree<'_>),
) {
    for (place, &(child, entry)) in entries.iter().enumerate() {
        let Start::Nested(nested) = &child.start else {
            done.push(declared_child(child, entry, start(child)));
            continue;
        };
        return declare(nested, entry, &mut |nested| {
            let mut done: Vec<DeclaredChild<'_>> = mem::take(&mut done);
            done.push(declared_child(child, entry, WrittenStart::Nested(nested)));
            add_children(tree, name, &entries[place + 1..], done, then);
        });
    }
    let declared = WrittenTree { children: &done, ..supervisor(tree, name) }.declare();
    let forgive_after = setting(tree.forgive_after.as_ref()).copied();
    let (start, stop) = orders(tree);
    let declared = declared.delayed(backoff(tree.backoff.as_ref())).forgiving(forgive_after);
    let declared = declared.ordered(start, stop);
    then(if has_more(tree) { declared.with_more_children() } else { declared });
}

fn declared_child<'a>(
    child: &'a Child,
    entry: &'a str,
    start: WrittenStart<'a>,
) -> DeclaredChild<'a> {
    let options = &child.options;
    let forgive_after = setting(options.forgive_after.as_ref()).copied();
    let declared = self::child(child, entry, start).declare();
    let declared = declared.delayed(backoff(options.backoff.as_ref())).forgiving(forgive_after);
    let declared = declared.pooled(instances(child), options.when.is_some());
    let declared = declared.ready_within(ready_within(child));
    match own_limit(child) {
        Some((max_restarts, within)) => declared.limited(max_restarts, within),
        None => declared,
    }
}

/// The number of children that an entry declares.
pub(crate) fn instances(child: &Child) -> Setting<u32> {
    setting(child.options.instances.as_ref().map(|(_, value)| value)).copied()
}

/// The time in which a child has to be ready.
pub(crate) fn ready_within(child: &Child) -> Setting<u64> {
    setting(child.options.ready_within.as_ref().map(|(_, time)| time)).copied()
}

/// The restart limit of a child itself, if there is one.
pub(crate) fn own_limit(child: &Child) -> Option<(Setting<u32>, Setting<u64>)> {
    let limit = (
        setting(child.options.max_restarts.as_ref()).copied(),
        setting(child.options.within.as_ref()).copied(),
    );
    (limit != (Setting::Unset, Setting::Unset)).then_some(limit)
}

/// A backoff with its defaults. One argument that is an expression makes all of it unknown.
pub(crate) fn backoff(backoff: Option<&Backoff>) -> Setting<DeclaredBackoff> {
    let delays = match backoff.map(|backoff| &backoff.delays) {
        Some(Delays::Exponential(delays)) => delays,
        Some(Delays::Dynamic(_)) => return Setting::Dynamic,
        Some(Delays::Wrong) | None => return Setting::Unset,
    };
    let backoff = || {
        let Some(Value::Known(initial_ms, _)) = delays.initial else { return None };
        let reset_after = milliseconds(DEFAULT_RESET_AFTER);
        Some(DeclaredBackoff {
            initial_ms,
            max_ms: known(delays.max.as_ref(), DEFAULT_MAX)?,
            factor: known(delays.factor.as_ref(), DEFAULT_FACTOR)?,
            jitter: known(delays.jitter.as_ref(), DEFAULT_JITTER)?,
            reset_after_ms: known(delays.reset_after.as_ref(), reset_after)?,
        })
    };
    backoff().map_or(Setting::Dynamic, Setting::Known)
}

/// The orders in which the children start and stop.
pub(crate) fn orders(tree: &Tree) -> (Setting<Order>, Setting<Order>) {
    let order = |value: Option<&Value<Order>>| setting(value).copied();
    (order(tree.start.as_ref()), order(tree.stop.as_ref()))
}

/// Returns whether children that are made at run time are added behind a block.
pub(crate) fn has_more(tree: &Tree) -> bool {
    let is_top =
        |method: &str| tree.methods.clone().into_iter().any(|token| is_word(&token, method));
    is_top("child") || is_top("children")
}

/// The settings of a block, without its children and its documentation.
pub(crate) fn supervisor<'a>(tree: &'a Tree, name: &'a str) -> WrittenTree<'a> {
    let has_call = |method| tree.methods.clone().into_iter().any(|token| is_word(&token, method));
    WrittenTree {
        name,
        own_name: setting(tree.name.as_ref()).map(String::as_str),
        function: None,
        description: "",
        strategy: setting(tree.strategy.as_ref()).copied(),
        max_restarts: setting(tree.max_restarts.as_ref()).map(|limit| match limit {
            Limit::Count(count) => Some(*count),
            Limit::Unlimited => None,
        }),
        within_ms: setting(tree.within.as_ref()).copied(),
        // The method is called behind the settings and replaces the value of the key. Its argument is
        // an expression.
        kill_grace_ms: match has_call("kill_grace") {
            true => Setting::Dynamic,
            false => setting(tree.kill_grace.as_ref()).copied(),
        },
        children: &[],
    }
}

/// The options of an entry.
pub(crate) fn child<'a>(
    child: &'a Child,
    name: &'a str,
    start: WrittenStart<'a>,
) -> WrittenChild<'a> {
    let options = &child.options;
    WrittenChild {
        name,
        description: &child.description,
        restart: setting(options.restart.as_ref()).copied(),
        shutdown: match (&options.shutdown, &child.start) {
            // The mistake was reported, and no time follows from it.
            (Some(Value::Wrong), _) | (None, Start::Missing) => Setting::Dynamic,
            (shutdown, _) => setting(shutdown.as_ref()).copied(),
        },
        significant: options.significant.is_some(),
        start,
    }
}

/// The start of an entry that is no block.
pub(crate) fn start(child: &Child) -> WrittenStart<'static> {
    match &child.start {
        Start::Nested(_) | Start::Named(_) => WrittenStart::Elsewhere,
        Start::Value(value) if !is_async_block(value) => WrittenStart::Value,
        // An `async` block was meant as a closure, and was reported.
        Start::Closure(_) | Start::Value(_) | Start::Missing => WrittenStart::Closure,
    }
}

/// A value that was reported counts as if it were not written.
pub(crate) fn setting<T>(value: Option<&Value<T>>) -> Setting<&T> {
    match value {
        Some(Value::Known(value, _)) => Setting::Known(value),
        Some(Value::Dynamic(_)) => Setting::Dynamic,
        Some(Value::Wrong) | None => Setting::Unset,
    }
}
