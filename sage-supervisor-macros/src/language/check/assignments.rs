//! The rule over assignments to values that every start has a copy of.

use crate::language::closure::lost_assignment;
use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Start, listed};

/// Reports the assignment to a value that the closure has captured. The next start begins with the old
/// value again. Who lists the value in `clone(..)` has asked for that.
pub(super) fn are_kept(child: &Child, diag: &mut Diag) {
    let Start::Closure(closure) = &child.start else { return };
    let Some(name) = lost_assignment(closure) else { return };
    let is_listed =
        [&child.options.clone, &child.options.lend].iter().any(|list| listed(list).contains(&name));
    if is_listed {
        return;
    }
    let text = message(format!("this assignment to `{name}` is lost when the child is restarted"))
        .help(format!("lend the value to one instance after the other: `#[child(lend({name}))]`"))
        .help(format!(
            "if every start is to begin with the same value, write `let mut {name} = {name};` first"
        ))
        .note("every start has a copy of what the closure captures");
    diag.error(&name, text);
}
