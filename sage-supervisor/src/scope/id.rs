//! The identifier of a child inside its supervisor.

use std::num::NonZeroU32;

/// The place of a child in the list of its supervisor. `NonZeroU32` keeps an `Option` of it at four
/// bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ChildId(NonZeroU32);

impl ChildId {
    pub(crate) fn new(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("a supervisor has fewer than 2^32 children"))
    }

    pub(crate) fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}
