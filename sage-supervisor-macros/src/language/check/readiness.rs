//! Rules over `ready_within` and `heartbeat`, which need a child that reports to its supervisor.

use proc_macro2::Ident;

use crate::language::diag::{Diag, message};
use crate::language::kind::{self, Kind};
use crate::language::model::Child;

/// The parts of the messages about one report of a child.
struct Word {
    /// The report itself.
    says: &'static str,
    /// The call by which a child makes the report.
    call: &'static str,
    /// The methods of a process that make the report.
    of_a_process: &'static str,
    /// The rule for a supervisor, which does not make the report itself.
    of_a_supervisor: &'static str,
}

const READY: Word = Word {
    says: "when it is ready",
    call: "`ready_within` is the time until a call of `ctx.ready()`",
    of_a_process: "add `.driver(..)`, `.ready_on_line(..)` or `.ready_on_port(..)`",
    of_a_supervisor: "a supervisor is ready when its children are",
};

const ALIVE: Word = Word {
    says: "that it is alive",
    call: "a heartbeat is a call of `ctx.heartbeat()`",
    of_a_process: "add `.driver(..)`",
    of_a_supervisor: "a heartbeat is a call of `ctx.heartbeat()`",
};

pub(super) fn can_be_reported(child: &Child, diag: &mut Diag) {
    if let Some((key, _)) = &child.options.ready_within {
        can_say(child, key, &READY, diag);
    }
    if let Some((key, _)) = &child.options.heartbeat {
        can_say(child, key, &ALIVE, diag);
    }
}

fn can_say(child: &Child, key: &Ident, word: &Word, diag: &mut Diag) {
    let (name, says) = (child.entry_name(), word.says);
    let text = match kind::of_child(child) {
        Kind::Other => return,
        Kind::Supervisor => message(format!("`{name}` is a supervisor and does not say {says}"))
            .help(format!("put `{key}` on those of its children that do"))
            .note(word.of_a_supervisor),
        Kind::Dynamic => message(format!("`{name}` is a supervisor and does not say {says}"))
            .help(format!("remove `{key}`, or set it on the specs of the children that do"))
            .note(word.of_a_supervisor),
        Kind::Process => message(format!("`{name}` is a process and does not say {says}"))
            .help(format!("remove `{key}`, or {}", word.of_a_process))
            .note(word.call),
        Kind::WithoutContext => message(format!("`{name}` is not given a context to say {says}"))
            .help(format!("remove `{key}`, or use `ChildSpec::new(..)`"))
            .note(word.call),
    };
    diag.error(key, text);
}
