//! The nearest known word to a mistyped one, for "did you mean".

/// Returns the candidate that is nearest to `word`, or `None` if no candidate is near or two are
/// equally near.
pub(crate) fn closest<'a>(
    word: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = normalise(word);
    let mut near = candidates
        .map(|candidate| (distance(&word, candidate), candidate))
        // At most a third of the letters may differ, and one letter in a short word.
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .collect::<Vec<_>>();
    near.sort_unstable();
    match near.as_slice() {
        [(_, only)] => Some(only),
        // Between two equally near words, a suggestion would be a guess.
        [(first, best), (second, _), ..] if first < second => Some(best),
        _ => None,
    }
}

/// Returns the word in snake case: `OneForOne`, `one-for-one` and `one for one` become
/// `one_for_one`.
pub(crate) fn normalise(word: &str) -> String {
    let mut normal = String::with_capacity(word.len() + 4);
    let mut after_lower = false;
    for c in word.chars() {
        if c.is_uppercase() && after_lower {
            normal.push('_');
        }
        after_lower = c.is_lowercase();
        match c {
            '-' | ' ' => normal.push('_'),
            c => normal.extend(c.to_lowercase()),
        }
    }
    normal
}

/// Returns the Damerau-Levenshtein distance, in which a transposition counts as one edit.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.chars().collect::<Vec<_>>(), b.chars().collect::<Vec<_>>());
    // All rows are kept: a transposition looks two rows back, and the words are short.
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = usize::from(a[i - 1] != b[j - 1]);
            let mut best =
                (rows[i - 1][j] + 1).min(row[j - 1] + 1).min(rows[i - 1][j - 1] + changed);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn a_transposition_is_one_edit() {
        assert_eq!(distance("shutdwon", "shutdown"), 1);
        assert_eq!(distance("trasient", "transient"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn nothing_is_suggested_when_nothing_is_near_or_two_are_equally_near() {
        assert_eq!(closest("completely", ["other"].into_iter()), None);
        assert_eq!(closest("bat", ["cat", "rat"].into_iter()), None);
        assert_eq!(closest("bat", ["cat", "bat"].into_iter()), Some("bat"));
    }
}
