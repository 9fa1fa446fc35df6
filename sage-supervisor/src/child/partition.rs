//! The place of a dynamic supervisor among those of a partitioned supervisor: which of them a key
//! selects, and which of them a child with a certain name belongs to.

use std::hash::{DefaultHasher, Hash, Hasher};

/// A dynamic supervisor as one of several partitions.
///
/// The name of a child alone says which partition the child belongs to, so a name that is unique in its
/// partition is unique in all of them, and no partition has to ask another one:
///
/// 1. A generated name ends with the number of its partition and a number, as in `session-2.7`. Such a
///    name belongs to the partition whose number it has, whoever gives it.
/// 2. Any other name belongs to the partition that it selects as a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    pub(crate) index: usize,
    /// The number of partitions.
    pub(crate) of: usize,
}

impl Partition {
    /// Returns the index of the partition that a child of this name belongs to, if that is another one.
    pub(crate) fn other_home_of(self, name: &str) -> Option<usize> {
        Some(home_of(name, self.of)).filter(|&home| home != self.index)
    }
}

/// Returns the index of the partition that a key selects.
pub(crate) fn selected_by<K: Hash + ?Sized>(key: &K, partitions: usize) -> usize {
    // The keys of this hasher are fixed, so a key selects the same partition in every clone.
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    let count = u64::try_from(partitions).unwrap_or(u64::MAX);
    // The remainder is smaller than the number of partitions, so the conversion does not fail.
    usize::try_from(hasher.finish() % count).unwrap_or_default()
}

/// Returns the index of the partition that a child of this name belongs to.
pub(crate) fn home_of(name: &str, partitions: usize) -> usize {
    let generated = index_in(name).filter(|&index| index < partitions);
    generated.unwrap_or_else(|| selected_by(name, partitions))
}

/// Returns the index in a name that looks like a generated one, such as 2 for `session-2.7`.
fn index_in(name: &str) -> Option<usize> {
    let (_, numbers) = name.rsplit_once('-')?;
    let (index, number) = numbers.split_once('.')?;
    if !is_decimal(index) || !is_decimal(number) {
        return None;
    }
    index.parse().ok()
}

/// Returns whether a number is written as a generated name has it: in digits, the first of which is no
/// needless zero.
fn is_decimal(number: &str) -> bool {
    let is_padded = number.len() > 1 && number.starts_with('0');
    !number.is_empty() && !is_padded && number.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_looks_generated_has_the_number_of_its_partition() {
        let table = [
            ("a-2.7", Some(2)),
            ("a-0.1", Some(0)),
            ("-3.1", Some(3)),
            ("a-1-2.7", Some(2)),
            ("a-1.2-0.1", Some(0)),
            ("a-10.123456789012345678901234567890", Some(10)),
            ("a-123456789012345678901234567890.1", None),
            ("a-2", None),
            ("a-2.", None),
            ("a-.7", None),
            ("a-02.7", None),
            ("a-2.07", None),
            ("a-+2.7", None),
            ("a-2.7.1", None),
            ("a-2.x", None),
            ("a.2.7", None),
            ("2.7", None),
            ("", None),
        ];
        for (name, index) in table {
            assert_eq!(index_in(name), index, "{name}");
        }
    }

    #[test]
    fn every_other_name_is_a_key() {
        for name in ["ada", "a-7", "a-4.1", "a-99.1", ""] {
            assert_eq!(home_of(name, 4), selected_by(name, 4), "{name}");
        }
        assert_eq!([0, 1, 2, 3].map(|index| home_of(&format!("a-{index}.1"), 4)), [0, 1, 2, 3]);
        assert_eq!(home_of("a-1.1", 1), 0, "there is no such partition");
    }

    #[test]
    fn a_partition_knows_which_names_are_not_its_own() {
        let partition = Partition { index: 1, of: 3 };
        assert_eq!(partition.other_home_of("a-1.5"), None);
        assert_eq!(partition.other_home_of("a-2.5"), Some(2));
        let home = home_of("ada", 3);
        assert_eq!(Partition { index: home, of: 3 }.other_home_of("ada"), None);
        assert_eq!(Partition { index: (home + 1) % 3, of: 3 }.other_home_of("ada"), Some(home));
    }
}
