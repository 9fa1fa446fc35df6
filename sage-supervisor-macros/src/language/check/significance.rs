//! Rules over significant children and the supervisor that ends with them.

use proc_macro2::Ident;

use sage_supervisor_policy::{AutoShutdown, RestartPolicy};

use super::facts::is_permanent;
use crate::language::args::{Value, known};
use crate::language::declared::has_more;
use crate::language::diag::{Diag, Place, message};
use crate::language::model::{Child, Options, Start, Tree};

/// Reports `auto_shutdown` where no child is significant. Nothing is reported if the block has
/// another mistake: a mistyped option may be the missing `significant`.
pub(super) fn is_used(tree: &Tree, diag: &mut Diag) {
    let (variant, at) = match tree.auto_shutdown {
        Some(Value::Known(AutoShutdown::AnySignificant, at)) => ("AnySignificant", at),
        Some(Value::Known(AutoShutdown::AllSignificant, at)) => ("AllSignificant", at),
        _ => return,
    };
    // The value of an expression may be significant by itself.
    let known = |child: &Child| {
        matches!(child.start, Start::Closure(_) | Start::Nested(_) | Start::Named(_))
    };
    let missed = !tree.children.is_empty()
        && !has_more(tree)
        && tree.children.iter().all(|child| known(child) && child.options.significant.is_none());
    if missed && diag.is_clean_here() {
        let help = "mark the significant child: `#[child(restart = \"transient\", significant)]`";
        let text = message("no child is significant, so `auto_shutdown` has no effect")
            .help(help)
            .note(format!("for a child that is added later, write `AutoShutdown::{variant}`"));
        diag.error(at, text);
    }
}

pub(super) fn has_an_effect(child: &Child, tree: &Tree, diag: &mut Diag) {
    let Some(key) = &child.options.significant else { return };
    if is_permanent(child) {
        return permanent(key, &child.options, diag);
    }
    let help = "`auto_shutdown = \"any_significant\"` or `\"all_significant\"`";
    let text = match tree.auto_shutdown {
        None => message(format!("`{key}` has no effect without `auto_shutdown`"))
            .help(format!("add {help} above the children")),
        Some(Value::Known(AutoShutdown::Never, _)) => {
            message(format!("`{key}` has no effect with `auto_shutdown = \"never\"`"))
                .help(format!("write {help}"))
        }
        Some(_) => return,
    };
    diag.error(key, text.note("a supervisor ends with its significant children"));
}

/// Reports a significant child function that is permanent, which is its default.
pub(crate) fn is_not_permanent(options: &Options, diag: &mut Diag) {
    let Some(key) = &options.significant else { return };
    let policy = known(options.restart.as_ref(), RestartPolicy::OF_WORKER);
    if policy == Some(RestartPolicy::Permanent) {
        permanent(key, options, diag);
    }
}

/// Reports that a permanent child cannot be significant.
fn permanent(key: &Ident, options: &Options, diag: &mut Diag) {
    let words = "`restart = \"transient\"` or `restart = \"temporary\"`";
    let help = match options.restart {
        Some(_) => format!("write {words}"),
        None => format!("add {words}: a child is permanent by default"),
    };
    let text = message("a permanent child cannot be significant").help(help);
    diag.error(
        Place::from(key),
        text.note("a permanent child is always restarted, so it never ends for good"),
    );
}
