//! Rules over `every`, the period of a child whose work is done again and again.

use crate::language::args::Value;
use crate::language::check::constructors;
use crate::language::diag::{Diag, message};
use crate::language::kind::{self, Kind};
use crate::language::model::{Child, Options, Start};

pub(super) fn is_not_zero(options: &Options, diag: &mut Diag) {
    if let Some((key, Value::Known(0, at))) = &options.every {
        let text = message(format!("`{key}` must be longer than zero"));
        diag.error(*at, text.note("this is the time from one run of the child to the next"));
    }
}

pub(super) fn is_of_a_task_or_thread(child: &Child, diag: &mut Diag) {
    let Some((key, _)) = &child.options.every else { return };
    let name = child.entry_name();
    let text = match kind::of_child(child) {
        Kind::Supervisor | Kind::Dynamic => {
            message(format!("`{name}` is a supervisor, whose work is not periodic"))
                .help(format!("put `{key}` on those of its children that work periodically"))
        }
        _ if is_process(child) => {
            message(format!("`{name}` is a process, whose work is not periodic"))
                .help("run the program from a function: `async |ctx| { .. }` with `tokio::process`")
        }
        Kind::Process | Kind::WithoutContext | Kind::Other => return,
    };
    diag.error(
        key,
        text.note(format!("`{key}` calls the start function of a task or a thread again")),
    );
}

/// Returns whether the child is a process, also one that can report to its supervisor.
fn is_process(child: &Child) -> bool {
    let Start::Value(value) = &child.start else { return false };
    kind::of_value(value) == Kind::Process
        || constructors::name_of(value).is_some_and(|name| name == "command")
}
