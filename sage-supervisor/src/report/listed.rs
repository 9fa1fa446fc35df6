//! Lists of children that keep the first few entries, and the number of all.

use std::fmt;

/// The number of entries that such a list keeps.
pub(crate) const MAX_LISTED: usize = 32;
/// The number of entries that a text in one line names.
pub(crate) const MAX_NAMED: usize = 8;

/// Children by their paths. All are counted, and the first few are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ChildPaths {
    /// The number of children.
    pub count: u64,
    /// The paths of the first 32 children.
    pub paths: Vec<String>,
}

impl ChildPaths {
    pub(crate) fn add(&mut self, path: impl FnOnce() -> String) {
        self.count += 1;
        if self.paths.len() < MAX_LISTED {
            self.paths.push(path());
        }
    }

    /// Adds the children of another list, such as that of a nested supervisor.
    pub(crate) fn add_all(&mut self, others: &Self) {
        add_first(&mut self.paths, &others.paths);
        self.count += others.count;
    }
}

/// Adds entries up to [`MAX_LISTED`].
pub(super) fn add_first<T: Clone>(entries: &mut Vec<T>, others: &[T]) {
    // The list is never longer than `MAX_LISTED`, so the subtraction cannot overflow.
    let room = MAX_LISTED - entries.len();
    entries.extend(others.iter().take(room).cloned());
}

/// Returns the number of entries that are counted and not among those `told`.
pub(crate) fn untold(count: u64, told: usize) -> u64 {
    count.saturating_sub(u64::try_from(told).unwrap_or(u64::MAX))
}

/// The text of a list in one line: the first entries, and how many more there are.
pub(crate) struct Enumerated<'a, T>(pub(crate) &'a [T], pub(crate) u64);

impl<T: fmt::Display> fmt::Display for Enumerated<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(entries, count) = self;
        let named = &entries[..entries.len().min(MAX_NAMED)];
        for (number, entry) in named.iter().enumerate() {
            let comma = if number == 0 { "" } else { ", " };
            write!(f, "{comma}{entry}")?;
        }
        match untold(*count, named.len()) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let mut few = ChildPaths::default();
        few.add(|| "a".to_owned());
        few.add(|| "b".to_owned());
        assert_eq!(Enumerated(&few.paths, few.count).to_string(), "a, b");

        let mut many = few.clone();
        for number in 0..100 {
            many.add(|| number.to_string());
        }
        assert_eq!((many.count, many.paths.len()), (102, MAX_LISTED));
        many.add_all(&few);
        assert_eq!((many.count, many.paths.len()), (104, MAX_LISTED));
        let text = Enumerated(&many.paths, many.count).to_string();
        assert_eq!(text, "a, b, 0, 1, 2, 3, 4, 5 and 96 more");

        few.add_all(&many);
        assert_eq!((few.count, few.paths.len()), (106, MAX_LISTED));
        assert_eq!(few.paths[..4], ["a", "b", "a", "b"]);
    }
}
