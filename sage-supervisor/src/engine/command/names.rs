//! The names of the children: the index by name, and generated names.

use std::collections::HashMap;
use std::sync::Arc;

use crate::engine::children::Children;
use crate::scope::ChildId;

/// The names of one engine's children.
#[derive(Default)]
pub(crate) struct Names {
    /// The index by name. It is made when a name is first looked up.
    index: Option<HashMap<Arc<str>, ChildId>>,
    /// `true` if a command has given a name to a child of a dynamic supervisor. Such a name may look like
    /// a generated one.
    has_given: bool,
    /// The number in the last generated name.
    last: u64,
    /// The buffer in which a generated name is written.
    text: String,
}

impl Names {
    /// Returns the child of this name.
    pub(crate) fn find(&mut self, name: &str, children: &Children) -> Option<ChildId> {
        let index = self.index.get_or_insert_with(|| {
            let named = |child| (Arc::clone(children[child].name()), child);
            children.all().map(named).collect()
        });
        index.get(name).copied()
    }

    /// Adds a child.
    pub(super) fn add(&mut self, name: Arc<str>, child: ChildId) {
        if let Some(index) = &mut self.index {
            index.insert(name, child);
        }
    }

    /// Removes a child.
    pub(crate) fn remove(&mut self, name: &str) {
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
    pub(super) fn generate(&mut self, stem: &str, children: &Children) -> Arc<str> {
        // The number never goes back, so the names that a user has given are not tried again and again.
        self.last = self.last.max(children.added());
        loop {
            let name = self.next(stem);
            if !self.has_given || self.find(&name, children).is_none() {
                return name;
            }
        }
    }

    fn next(&mut self, stem: &str) -> Arc<str> {
        self.last += 1;
        self.text.clear();
        self.text.push_str(stem);
        self.text.push('-');
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
