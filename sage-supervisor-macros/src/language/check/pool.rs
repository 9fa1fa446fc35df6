//! Rules over pools: the children of one entry share its start function.

use crate::language::diag::{Diag, message};
use crate::language::kind::{self, Kind};
use crate::language::model::Child;

pub(super) fn can_be_shared(child: &Child, diag: &mut Diag) {
    let Some((key, _)) = &child.options.instances else { return };
    let name = child.entry_name();
    if let Kind::Supervisor | Kind::Dynamic = kind::of_child(child) {
        let text = message(format!("`{name}` is a supervisor and cannot have several instances"))
            .help(format!("put `{key}` on its children, or list one entry for each supervisor"))
            .note("a supervisor keeps state that belongs to one child");
        return diag.error(key, text);
    }
    if child.options.lend.is_some() {
        let text = message(format!("`{name}` is lent a value and cannot have several instances"))
            .help("share the value, for example as an `Arc`, with `clone(..)`")
            .note("a lent value is held by one child");
        diag.error(key, text);
    }
}
