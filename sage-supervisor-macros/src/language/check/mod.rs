//! Rules over the model, one function each.
//!
//! A rule is named by what holds in a valid tree, and reports where that is violated. A rule
//! rejects only what is certainly wrong: a value that is unknown at expansion is left to the
//! compiler or to the runtime.

mod assignments;
mod backoff;
mod clones;
mod constants;
mod constructors;
mod facts;
mod limit;
mod loans;
mod names;
mod period;
mod pool;
mod readiness;
mod restarts;
mod results;
mod significance;

use std::time::Duration;

use sage_supervisor_policy::name::first_hidden;
use sage_supervisor_policy::{Shutdown, Strategy};

use crate::language::args::Value;
use crate::language::closure;
use crate::language::diag::{Diag, Place, message};
use crate::language::kind::{self, Kind};
use crate::language::model::{Child, Options, Start, Tree};

pub(crate) use self::constants::is_constant;
pub(crate) use self::facts::may_wait;
pub(crate) use self::significance::is_not_permanent as significant_is_not_permanent;

pub(crate) fn check(tree: &Tree, diag: &mut Diag) {
    loans::go_to_one_child(tree, diag);
    supervisor(tree, diag);
}

fn supervisor(tree: &Tree, diag: &mut Diag) {
    // These two rules stay silent if the block has another mistake. They come first, so that the
    // rules below do not silence them.
    significance::is_used(tree, diag);
    has_children(tree, diag);
    name_fits_a_path(tree, diag);
    limit::window_is_not_zero(tree, diag);
    limit::forgiveness_is_not_immediate(tree, diag);
    limit::window_is_used(tree, diag);
    restarts::settings_have_an_effect(tree, diag);
    backoff::is_valid(tree.backoff.as_ref(), diag);
    siblings_are_restarted(tree, diag);
    names::are_unique(tree, diag);
    for child in &tree.children {
        diag.enter(child.index);
        names::is_identifier(child, diag);
        options_are_valid(&child.options, diag);
        restarts::options_have_an_effect(child, tree, diag);
        readiness::can_be_reported(child, diag);
        significance::has_an_effect(child, tree, diag);
        subtree_is_not_killed(child, diag);
        clones::go_to_a_closure(child, diag);
        loans::go_to_a_closure(child, diag);
        loans::are_not_cloned(child, diag);
        pool::can_be_shared(child, diag);
        period::is_of_a_task_or_thread(child, diag);
        clones::are_moved(child, diag);
        assignments::are_kept(child, diag);
        constants::are_not_listed(child, diag);
        results::are_not_missing(child, diag);
        start_can_be_repeated(child, diag);
        if let Start::Nested(tree) = &child.start {
            only_a_root_tolerates(tree, diag);
            supervisor(tree, diag);
        }
        diag.leave();
    }
}

/// Checks the options that children and child functions have in common.
pub(crate) fn options_are_valid(options: &Options, diag: &mut Diag) {
    shutdown_is_not_zero(options, diag);
    readiness_is_not_zero(options, diag);
    heartbeat_is_not_zero(options, diag);
    period::is_not_zero(options, diag);
    limit::own_window_is_not_zero(options, diag);
    limit::own_forgiveness_is_not_immediate(options, diag);
    backoff::is_valid(options.backoff.as_ref(), diag);
}

fn has_children(tree: &Tree, diag: &mut Diag) {
    // The entry that was reported may have been a child.
    if tree.children.is_empty() && !may_wait(tree) && diag.is_clean_here() {
        let text = message("this supervisor has no children");
        let help = "add a child, `#[child] name = start`, or let it stay up without one: \
                    `keep_alive = true`";
        let rule = "children that start on demand belong to a `DynamicSupervisor`";
        diag.error(tree.place, text.help(help).note(rule));
    }
}

fn name_fits_a_path(tree: &Tree, diag: &mut Diag) {
    let Some(Value::Known(name, at)) = &tree.name else { return };
    let text = if name.is_empty() {
        message("a name cannot be empty")
    } else if name.contains('/') {
        message("a name cannot contain `/`").note("`/` separates the names in a path")
    } else if name.contains(char::is_control) {
        message("a name cannot contain control characters")
    } else if let Some(hidden) = first_hidden(name) {
        let code = u32::from(hidden);
        message(format!("a name cannot contain the invisible character U+{code:04X}"))
            .note("a reader would see another name than the one in the path")
    } else {
        return;
    };
    diag.error(*at, text);
}

fn shutdown_is_not_zero(options: &Options, diag: &mut Diag) {
    if let Some(Value::Known(Shutdown::Timeout(Duration::ZERO), at)) = options.shutdown {
        let text = message("a zero shutdown time aborts the child at once");
        diag.error(at, text.help("write `shutdown = \"brutal_kill\"`"));
    }
}

fn readiness_is_not_zero(options: &Options, diag: &mut Diag) {
    if let Some((key, Value::Known(0, at))) = &options.ready_within {
        let text = message(format!("`{key}` must be longer than zero"));
        diag.error(
            *at,
            text.note("this is the time that a child has until it reports that it is ready"),
        );
    }
}

fn heartbeat_is_not_zero(options: &Options, diag: &mut Diag) {
    if let Some((key, Value::Known(0, at))) = &options.heartbeat {
        let text = message(format!("`{key}` must be longer than zero"));
        diag.error(*at, text.note("this is the longest time that a child may be silent"));
    }
}

fn siblings_are_restarted(tree: &Tree, diag: &mut Diag) {
    let Some((key, _)) = &tree.temporary_siblings else { return };
    if tree.known_strategy() == Some(Strategy::OneForOne) {
        let text = message(format!("`{key}` has no effect under `one_for_one`"))
            .help("remove it, or choose `strategy = \"one_for_all\"` or `\"rest_for_one\"`")
            .note("`one_for_one` restarts a child without its siblings");
        diag.error(key, text);
    }
}

fn only_a_root_tolerates(nested: &Tree, diag: &mut Diag) {
    if let Some((key, _)) = &nested.tolerate_unclean_stop {
        let text = message(format!("`{key}` has no effect in a nested block"))
            .help("move it to the outermost block")
            .note("an unclean stop is an error of the whole tree, which its root ends with");
        diag.error(key, text);
    }
}

fn subtree_is_not_killed(child: &Child, diag: &mut Diag) {
    let Some(Value::Known(Shutdown::BrutalKill, at)) = child.options.shutdown else { return };
    if let Kind::Supervisor | Kind::Dynamic = kind::of_child(child) {
        let name = child.entry_name();
        let text = message(format!("`{name}` is a supervisor and cannot be killed brutally"))
            .help("remove `shutdown`: a supervisor is given the time its children need")
            .note("its children would be dropped without their own shutdown");
        diag.error(at, text);
    }
}

fn start_can_be_repeated(child: &Child, diag: &mut Diag) {
    let Start::Value(value) = &child.start else { return };
    if closure::is_async_block(value) {
        let text = message("an `async` block can be started only once")
            .help("write a closure: `async move |ctx| { .. }`")
            .note("a child is started again whenever it is restarted");
        diag.error(Place::from(value).first(), text);
    }
}
