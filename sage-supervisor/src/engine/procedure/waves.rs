//! The children that are stopped or killed together.

use std::collections::HashMap;
use std::time::Duration;

use crate::scope::ChildId;

/// The children that are stopped or killed together, and so share their deadlines.
///
/// A dynamic supervisor may have a million children. It sets one deadline for each distinct shutdown
/// timeout, and one kill grace for each wave of kills.
#[derive(Default)]
pub(crate) struct Waves {
    /// The number of the present wave of kills.
    present: u32,
    /// The children that were given the same time to stop.
    by_timeout: HashMap<Duration, Vec<ChildId>>,
    /// The children in a row with the same timeout, before they are moved to `by_timeout`: usually all
    /// have the same.
    row: (Duration, Vec<ChildId>),
}

impl Waves {
    /// Returns the number of the present wave.
    pub(crate) fn present(&self) -> u32 {
        self.present
    }

    /// Begins a new wave. Returns its number.
    pub(super) fn begin(&mut self) -> u32 {
        self.present += 1;
        self.present
    }

    /// Adds a child that was given a time to stop.
    pub(super) fn add(&mut self, child: ChildId, timeout: Duration) {
        // Usually all children have the same timeout, so the map is used once for a whole row.
        if timeout != self.row.0 {
            self.flush();
            self.row.0 = timeout;
        }
        self.row.1.push(child);
    }

    /// Returns each distinct time that was given.
    pub(super) fn timeouts(&mut self) -> impl Iterator<Item = Duration> {
        self.flush();
        self.by_timeout.keys().copied()
    }

    /// Returns the children that were given this time.
    pub(super) fn of(&self, timeout: Duration) -> impl Iterator<Item = ChildId> {
        let row = Some(&self.row).filter(|row| row.0 == timeout).map(|row| &row.1);
        self.by_timeout.get(&timeout).into_iter().chain(row).flatten().copied()
    }

    /// Takes the children out that were given this time.
    pub(super) fn take(&mut self, timeout: Duration) -> Vec<ChildId> {
        self.flush();
        self.by_timeout.remove(&timeout).unwrap_or_default()
    }

    fn flush(&mut self) {
        // The buffer is not kept: it may have room for a million children.
        let (timeout, mut children) = std::mem::take(&mut self.row);
        if !children.is_empty() {
            self.by_timeout.entry(timeout).or_default().append(&mut children);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_with_the_same_timeout_share_a_deadline() {
        let second = Duration::from_secs(1);
        // The first timeout comes back after another one.
        let timeouts = [second, second, second * 2, second, Duration::ZERO];
        let mut waves = Waves::default();
        for (index, timeout) in timeouts.into_iter().enumerate() {
            waves.add(ChildId::new(index), timeout);
        }
        let mut distinct: Vec<_> = waves.timeouts().collect();
        distinct.sort_unstable();
        assert_eq!(distinct, [Duration::ZERO, second, second * 2]);
        let indices = |children: Vec<ChildId>| -> Vec<_> {
            children.into_iter().map(ChildId::index).collect()
        };
        assert_eq!(indices(waves.take(second)), [0, 1, 3]);
        assert_eq!(indices(waves.take(second * 2)), [2]);
        assert_eq!(indices(waves.take(second)), [0; 0], "they are taken once");
    }

    #[test]
    fn every_wave_has_a_number_of_its_own() {
        let mut waves = Waves::default();
        let (first, second) = (waves.begin(), waves.begin());
        assert!(first != second && waves.present() == second);
    }
}
