//! What the model allows: every order of its moves.

use std::collections::HashSet;

use crate::model::Model;

/// More states than this are not looked at.
const MOST: usize = 1_500;

/// The states in which these can be at that time, when nothing more can happen then. `None`: there
/// are too many on the way.
pub(crate) fn explore<'p>(states: Vec<Model<'p>>, until: u64) -> Option<Vec<Model<'p>>> {
    let (mut open, mut seen, mut settled) = (states, HashSet::new(), HashSet::new());
    while let Some(mut state) = open.pop() {
        loop {
            let moves = state.moves();
            match (moves.as_slice(), state.next_time()) {
                ([], Some(time)) if time <= until => state.now = time,
                ([], _) => {
                    state.now = until;
                    settled.insert(state);
                    break;
                }
                ([only], _) => state.make(*only),
                (moves, _) => {
                    if seen.insert(state.clone()) {
                        open.extend(moves.iter().map(|&next| {
                            let mut state = state.clone();
                            state.make(next);
                            state
                        }));
                    }
                    break;
                }
            }
        }
        if seen.len() > MOST {
            return None;
        }
    }
    Some(settled.into_iter().collect())
}
