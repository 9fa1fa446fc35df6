//! The rule that a closure with a `?` ends with a result.

use crate::language::closure::{Missing, missing};
use crate::language::diag::{Diag, message};
use crate::language::model::{Child, Start};

pub(super) fn are_not_missing(child: &Child, diag: &mut Diag) {
    let Start::Closure(closure) = &child.start else { return };
    const RULE: &str = "a child with a `?` in it returns a `Result`";
    for place in missing(closure) {
        match place {
            Missing::Return(word) => {
                let text = message("this `return` has no result").help("write `return Ok(())`");
                diag.error(word, text.note(RULE));
            }
            Missing::End(brace) => {
                let text = message("expected `Ok(())` at the end of this child");
                let help = "write `Ok(())` behind the last statement";
                diag.error(brace, text.help(help).note(RULE));
            }
        }
    }
}
