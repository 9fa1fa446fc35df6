//! The names of the children: the index by name, and generated names.

use std::collections::HashMap;
use std::sync::Arc;

use super::roster::Roster;
use crate::child::partition::Partition;
use crate::scope::ChildId;

/// The names of one engine's children.
#[derive(Default)]
pub(super) struct Names {
    /// The index by name. It is made when a name is first looked up.
    index: Option<HashMap<Arc<str>, ChildId>>,
    /// `true` if a command has given a name to a child. Such a name may look like a generated one.
    has_given: bool,
    /// The number in the last generated name.
    last: u64,
    /// The buffer in which a generated name is written.
    text: String,
}

impl Names {
    /// Returns the child of this name.
    pub(super) fn find(&mut self, name: &str, roster: &Roster) -> Option<ChildId> {
        let index = self.index.get_or_insert_with(|| {
            let named = |child| (Arc::clone(roster[child].name()), child);
            roster.all().map(named).collect()
        });
        index.get(name).copied()
    }

    pub(super) fn add(&mut self, name: Arc<str>, child: ChildId) {
        if let Some(index) = &mut self.index {
            index.insert(name, child);
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        if let Some(index) = &mut self.index {
            index.remove(name);
            // A burst of children must not leave a large table behind.
            if index.len() < index.capacity() / 8 {
                index.shrink_to(index.len() * 2);
            }
        }
    }

    /// Notes that a command has given a name to a child.
    pub(super) fn note_given(&mut self) {
        self.has_given = true;
    }

    /// Returns whether a generated name is certain to be new, without a look at the index.
    pub(super) fn is_generated_name_new(&self) -> bool {
        self.index.is_none() && !self.has_given
    }

    /// Generates a name that no child has.
    pub(super) fn generate(
        &mut self,
        stem: &str,
        partition: Option<Partition>,
        roster: &Roster,
    ) -> Arc<str> {
        // The number never goes back, so the names that a user has given are not tried again and again.
        self.last = self.last.max(roster.added());
        loop {
            let name = self.next(stem, partition);
            if !self.has_given || self.find(&name, roster).is_none() {
                return name;
            }
        }
    }

    fn next(&mut self, stem: &str, partition: Option<Partition>) -> Arc<str> {
        self.last += 1;
        self.text.clear();
        self.text.push_str(stem);
        self.text.push('-');
        if let Some(Partition { index, .. }) = partition {
            // No other partition generates such a name, see `Partition`.
            push_number(&mut self.text, index as u64);
            self.text.push('.');
        }
        push_number(&mut self.text, self.last);
        Arc::from(self.text.as_str())
    }
}

/// Writes a number in decimal digits. `write!` would spend most of its time on padding options.
fn push_number(text: &mut String, number: u64) {
    if number >= 10 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChildSpec;
    use crate::child::partition::home_of;

    fn add(roster: &mut Roster, names: &mut Names, name: Arc<str>) -> ChildId {
        let child = roster.add_last(Arc::clone(&name), Arc::new(ChildSpec::new("a", async |_| {})));
        names.add(name, child);
        child
    }

    #[test]
    fn a_generated_name_avoids_the_names_that_were_given() {
        let (mut roster, mut names) = (Roster::default(), Names::default());
        assert_eq!(&*names.generate("a", None, &roster), "a-1");
        assert!(names.is_generated_name_new());
        names.note_given();
        add(&mut roster, &mut names, Arc::from("a-2"));
        assert!(!names.is_generated_name_new());
        assert_eq!(&*names.generate("a", None, &roster), "a-3");
    }

    #[test]
    fn a_partition_generates_names_that_belong_to_it() {
        for (index, of) in [(0, 1), (0, 3), (2, 3), (11, 12)] {
            let (roster, mut names) = (Roster::default(), Names::default());
            for stem in ["a", "a-1", "a-1.1", "a.", "-", "7"] {
                let name = names.generate(stem, Some(Partition { index, of }), &roster);
                assert_eq!(home_of(&name, of), index, "{name}");
            }
            let name = names.generate("a", Some(Partition { index, of }), &roster);
            assert_eq!(*name, *format!("a-{index}.7"));
        }
    }

    #[test]
    fn the_index_follows_additions_and_removals() {
        let (mut roster, mut names) = (Roster::default(), Names::default());
        let a = add(&mut roster, &mut names, Arc::from("a"));
        assert_eq!(names.find("a", &roster), Some(a), "added before the index was made");
        let b = add(&mut roster, &mut names, Arc::from("b"));
        assert_eq!(names.find("b", &roster), Some(b), "added after it was made");
        names.remove("a");
        assert_eq!(names.find("a", &roster), None);
    }

    #[test]
    fn a_number_is_written_in_decimal_digits() {
        for number in [0, 7, 10, 409, u64::MAX] {
            let mut text = String::new();
            push_number(&mut text, number);
            assert_eq!(text, number.to_string());
        }
    }
}
