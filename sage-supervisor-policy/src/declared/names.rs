//! The names of siblings, which named trees may bring along.

use super::{DeclaredTree, Setting};
use crate::Text;

/// An entry of a block.
#[derive(Debug, Clone, Copy)]
pub struct Sibling<'a> {
    /// The place among the entries.
    pub place: usize,
    /// `true` if the entry is the call of a named tree.
    pub is_tree: bool,
    /// The name of the child; `None` if it is known only at run time.
    pub name: Option<&'a str>,
}

impl<'a> DeclaredTree<'a> {
    /// The name of the tree as the entry `entry`. `None` if it is known only at run time.
    #[doc(hidden)]
    #[must_use]
    pub const fn name_as(&self, entry: &'a str) -> Option<&'a str> {
        match self.own_name {
            Setting::Unset => Some(entry),
            Setting::Known(name) => Some(name),
            Setting::Dynamic => None,
        }
    }

    /// The name of the entry, unless the tree is known to have another one.
    pub(super) const fn name_or_entry(&self, entry: &'a str) -> &'a str {
        match self.name_as(entry) {
            Some(name) => name,
            None => entry,
        }
    }
}

impl<'a> Sibling<'a> {
    /// Asserts that the named tree at `place` does not have the name of another sibling. Two named
    /// trees of one name are reported once, at the second one.
    ///
    /// # Panics
    ///
    /// If the name is not unique.
    #[track_caller]
    pub const fn assert_differs(siblings: &[Self], place: usize) {
        // A name that is known only at run time is compared when the tree is validated at its
        // start.
        let Some(name) = Self::name_at(siblings, place) else { return };
        let mut next = 0;
        while next < siblings.len() {
            let other = siblings[next];
            // The earlier of two named trees leaves it to the later one to report the name.
            let is_other = other.place < place || (other.place > place && !other.is_tree);
            if let (true, Some(other)) = (is_other, other.name) {
                if is_equal(name, other) {
                    panic!("{}", twice(name).as_str());
                }
            }
            next += 1;
        }
    }

    const fn name_at(siblings: &[Self], place: usize) -> Option<&'a str> {
        let mut next = 0;
        // The list has only the entries that exist under the active `cfg`s, so `place` is no index.
        while next < siblings.len() {
            if siblings[next].place == place {
                return siblings[next].name;
            }
            next += 1;
        }
        None
    }
}

#[cold]
const fn twice(name: &str) -> Text {
    let mut text = Text::new();
    text.push("two children are named `");
    text.push(name);
    text.push("`\n  a tree with a `name` of its own has that name, and not the name of its entry");
    text
}

const fn is_equal(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut next = 0;
    while next < a.len() {
        if a.as_bytes()[next] != b.as_bytes()[next] {
            return false;
        }
        next += 1;
    }
    true
}
