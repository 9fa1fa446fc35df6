//! The names of siblings, which named trees may bring along.

use super::text::Text;
use super::{StaticChild, StaticTree, Written};

/// An entry of a block.
#[derive(Debug, Clone, Copy)]
pub struct Sibling {
    /// Its place among the entries.
    pub place: usize,
    /// Whether it is the call of a named tree.
    pub is_tree: bool,
    /// `None`: known only at run time.
    pub name: Option<&'static str>,
}

impl StaticTree {
    /// What it is called as the entry `entry`. `None` if that is known only at run time.
    pub(crate) const fn name_as(&self, entry: &'static str) -> Option<&'static str> {
        match self.own_name {
            Written::No => Some(entry),
            Written::Known(name) => Some(name),
            Written::Unknown => None,
        }
    }
}

impl StaticChild {
    /// The name of its entry, unless it is known to have another.
    pub(super) const fn name_of(entry: &'static str, tree: Option<&StaticTree>) -> &'static str {
        match tree {
            Some(tree) => match tree.name_as(entry) {
                Some(name) => name,
                None => entry,
            },
            None => entry,
        }
    }
}

impl Sibling {
    /// Asserts that the named tree at `place` does not have the name of another, which is not one
    /// that says the same.
    #[track_caller]
    pub(crate) const fn assert_differs(siblings: &[Self], place: usize) {
        let Some(name) = Self::name_at(siblings, place) else { return };
        let mut next = 0;
        while next < siblings.len() {
            let other = siblings[next];
            // Of two named trees the second one says it.
            let is_other = other.place < place || (other.place > place && !other.is_tree);
            if let (true, Some(other)) = (is_other, other.name) {
                if is_equal(name, other) {
                    panic!("{}", twice(name).as_str());
                }
            }
            next += 1;
        }
    }

    const fn name_at(siblings: &[Self], place: usize) -> Option<&'static str> {
        let mut next = 0;
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
    text.push(
        "`\n  a tree with a `name` of its own goes by that, and not by the name of its entry",
    );
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
