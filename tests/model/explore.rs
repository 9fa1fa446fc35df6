//! Explores all states that the model allows, by making its moves in every order.

use std::collections::HashSet;

use crate::model::Model;

/// The number of states after which the exploration gives up.
const MOST: usize = 1_500;

/// The states that can be reached from these by the given time, when no further move is possible.
/// The result is `None` if there are too many states on the way.
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
