//! A real tree, driven through a history on a runtime of its own.

use std::cell::RefCell;
use std::sync::Arc;

use crate::coverage::Coverage;
use crate::history::Step;
use crate::plan::Plan;
use crate::play::{Play, Stop};
use crate::seen::Seen;
use crate::stage::{Stage, Strings};
use crate::tally::{self, Tally};
use crate::tree::Sup;

/// Plays a history on a real tree. The error is the story up to the first step at which the tree
/// does something that the model does not allow.
pub(crate) fn drive(
    tree: &Sup,
    history: &[Step],
    tally: &mut Tally,
    coverage: &mut Coverage,
) -> Result<(), String> {
    let plan = Arc::new(Plan::new(tree));
    let seen = Seen::new(&plan);
    let _recording = tracing::subscriber::set_default(seen.clone());
    let strings = Strings::new(&plan);
    let stage = Stage { plan: Arc::clone(&plan), seen, strings, pools: RefCell::default() };
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("it can be built");
    let played =
        runtime.block_on(async { Play::new(&plan, stage, tally, coverage).play(history).await });
    let what = match played {
        Ok(()) => tally::COMPARED,
        Err(Stop::TooOpen) => tally::TOO_OPEN,
        Err(Stop::Diverged(story)) => return Err(story),
    };
    tally.add(what, 1);
    Ok(())
}
