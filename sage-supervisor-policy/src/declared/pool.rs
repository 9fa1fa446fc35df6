//! Entries that declare several children, or none.

use super::{Bound, DeclaredChild, DeclaredTree, Setting};
use crate::{Order, Text};

impl DeclaredTree<'_> {
    /// The part of an entry in the time that this supervisor may need to stop: the time of one child, or of
    /// all children of a pool if they stop one after another.
    #[doc(hidden)]
    #[must_use]
    pub const fn part_of(&self, child: &DeclaredChild<'_>) -> Bound {
        let is_together = matches!(self.stop_order, Some(Order::Together));
        child.in_pool(child.shutdown_bound(), is_together)
    }

    /// Returns whether it is not known how long the children of the entry take together, although it is
    /// known for one of them.
    #[doc(hidden)]
    #[must_use]
    pub const fn lacks_instances(&self, child: &DeclaredChild<'_>) -> bool {
        matches!((child.shutdown_bound(), self.part_of(child)), (Bound::Known(_), Bound::Dynamic))
    }
}

impl DeclaredChild<'_> {
    /// The time that all children of the entry need, if one of them needs this time, and if they go one after
    /// another or together.
    pub(super) const fn in_pool(&self, one: Bound, is_together: bool) -> Bound {
        match (self.instances, one) {
            // Any number of children that need no time need none.
            (Setting::Unset, _) | (Setting::Dynamic, Bound::Known(0)) => one,
            _ if is_together => one,
            (Setting::Known(instances), Bound::Known(time)) => {
                Bound::Known(time.saturating_mul(instances as u64))
            }
            (Setting::Known(_), unknown) => unknown,
            (Setting::Dynamic, _) => one.then(Bound::Dynamic),
        }
    }

    /// The name of the entry in a drawing: `worker-0..3` for a pool, `worker-*` for one of unknown size,
    /// and with a `?` behind it if there may be no such child.
    pub(super) fn label(&self) -> String {
        let name = match self.instances {
            Setting::Unset => self.name.to_owned(),
            Setting::Known(1) => format!("{}-0", self.name),
            Setting::Known(instances) => {
                format!("{}-0..{}", self.name, instances.saturating_sub(1))
            }
            Setting::Dynamic => format!("{}-*", self.name),
        };
        if self.is_optional { name + "?" } else { name }
    }

    /// Adds the number of children behind a line of times.
    pub(super) const fn push_instances(&self, text: &mut Text) {
        match self.instances {
            Setting::Known(instances) => {
                text.push("  ");
                text.push_number(instances as u64);
                text.push(if instances == 1 { " instance" } else { " instances" });
            }
            Setting::Dynamic => text.push("  any number of instances"),
            Setting::Unset => {}
        }
    }

    /// Returns whether this part of a path is the name of a child that the entry declares.
    pub(super) const fn has_name(&self, path: &str, from: usize, end: usize) -> bool {
        let (path, name) = (path.as_bytes(), self.name.as_bytes());
        if end - from < name.len() {
            return false;
        }
        let mut next = 0;
        while next < name.len() {
            if path[from + next] != name[next] {
                return false;
            }
            next += 1;
        }
        let rest = from + name.len();
        match self.instances {
            Setting::Unset => rest == end,
            Setting::Known(instances) => match number(path, rest, end) {
                Some(number) => number < instances as u64,
                None => false,
            },
            Setting::Dynamic => number(path, rest, end).is_some(),
        }
    }
}

/// Returns the number behind the hyphen at `from`, if there is nothing else up to `end`.
const fn number(path: &[u8], from: usize, end: usize) -> Option<u64> {
    if end - from < 2 || path[from] != b'-' || (path[from + 1] == b'0' && end - from > 2) {
        return None;
    }
    let (mut number, mut next) = (0_u64, from + 1);
    while next < end {
        if !path[next].is_ascii_digit() {
            return None;
        }
        number = number.saturating_mul(10).saturating_add((path[next] - b'0') as u64);
        next += 1;
    }
    Some(number)
}
