//! The difference between the children of a run and those of another declaration.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

use crate::child::ChildSpec;

/// A child of the run.
pub(super) struct Present {
    /// The spec that the next instance is started from.
    pub(super) spec: Arc<ChildSpec>,
    /// `true` if the child is removed once it is down.
    pub(super) is_leaving: bool,
    /// `true` if the child was added at run time.
    pub(super) is_added: bool,
}

/// The place of a child in the list of those that are present.
pub(super) type Place = usize;

/// The way of a declared child into the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The child is the same.
    Keep(Place),
    /// The child is a supervisor that goes on with other settings or children.
    GoOn(Place),
    /// Another spec takes the place of the present one.
    Replace(Place),
    /// The child is new.
    Add,
}

/// The difference between the children of a run and those of another declaration.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The change for each declared child, in order.
    pub(super) changes: Vec<Change>,
    /// The children that are not declared any more, in order. A child that was added at run time has never
    /// been, and stays.
    pub(super) removed: Vec<Place>,
}

/// Compares the children of a run with those of another declaration.
pub(super) fn difference(present: &[Present], declared: &[Arc<ChildSpec>]) -> Difference {
    let places: HashMap<_, _> =
        present.iter().enumerate().map(|(place, child)| (child.spec.name(), place)).collect();
    let changes: Vec<_> = declared
        .iter()
        .map(|spec| {
            places.get(spec.name()).map_or(Change::Add, |&at| change(&present[at], spec, at))
        })
        .collect();
    let names: HashSet<_> = declared.iter().map(|spec| spec.name()).collect();
    let is_removed = |child: &Present| {
        !child.is_added && !child.is_leaving && !names.contains(child.spec.name())
    };
    let removed = present.iter().enumerate().filter(|(_, child)| is_removed(child));
    Difference { removed: removed.map(|(place, _)| place).collect(), changes }
}

fn change(present: &Present, declared: &ChildSpec, at: Place) -> Change {
    if present.is_leaving {
        Change::Replace(at)
    } else if present.spec.is_same(declared) {
        Change::Keep(at)
    } else if present.spec.goes_on_as(declared) {
        Change::GoOn(at)
    } else {
        Change::Replace(at)
    }
}

/// Returns the order after the changes: the declared children, then the others in their order. The new ones
/// are given in `added`, one for each [`Change::Add`].
pub(super) fn order<T: Copy>(changes: &[Change], present: &[T], added: &[T]) -> Vec<T> {
    let (mut added, mut declared) = (added.iter().copied(), HashSet::new());
    let mut order = Vec::with_capacity(present.len());
    for change in changes {
        match *change {
            Change::Keep(at) | Change::GoOn(at) | Change::Replace(at) => {
                declared.insert(at);
                order.push(present[at]);
            }
            Change::Add => order.extend(added.next()),
        }
    }
    let others = present.iter().enumerate().filter(|(at, _)| !declared.contains(at));
    order.extend(others.map(|(_, child)| *child));
    order
}

/// Returns the `present` children in their order, with the new ones of `order` behind those that stand before
/// them there.
pub(super) fn inserted<T: Copy + Eq + Hash>(order: &[T], present: &[T]) -> Vec<T> {
    let known: HashSet<_> = present.iter().copied().collect();
    let (mut before, mut behind) = (None, HashMap::<_, Vec<_>>::new());
    for &child in order {
        if known.contains(&child) {
            before = Some(child);
        } else {
            behind.entry(before).or_default().push(child);
        }
    }
    let mut inserted = behind.remove(&None).unwrap_or_default();
    for &child in present {
        inserted.push(child);
        inserted.extend(behind.remove(&Some(child)).unwrap_or_default());
    }
    inserted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::ChildContext;
    use crate::{RestartConfig, Strategy, Supervisor};

    async fn idle(_: ChildContext) {}

    /// A small letter is a child that can be told to be the same, a capital one captures something, and a
    /// digit is a supervisor with so many children.
    fn spec(letter: char) -> Arc<ChildSpec> {
        let name = letter.to_ascii_lowercase().to_string();
        if let Some(children) = letter.to_digit(10) {
            let children = (0..children).map(|number| ChildSpec::new(number.to_string(), idle));
            let config = RestartConfig::default();
            let nested = Supervisor::new(Strategy::OneForOne, config).children(children);
            return Arc::new(ChildSpec::supervisor("s".to_owned(), nested.into_declaration()));
        }
        let held = String::from("held");
        Arc::new(match letter.is_ascii_uppercase() {
            true => ChildSpec::new(name, move |_| {
                let _ = &held;
                async {}
            }),
            false => ChildSpec::new(name, idle),
        })
    }

    /// A child behind `+` was added at run time, and one behind `-` is on its way out.
    fn present(letters: &str) -> Vec<Present> {
        let mut mark = ' ';
        let child = |letter: char| {
            if !letter.is_alphanumeric() {
                mark = letter;
                return None;
            }
            let (is_added, is_leaving) = (mark == '+', mark == '-');
            mark = ' ';
            Some(Present { spec: spec(letter), is_leaving, is_added })
        };
        letters.chars().filter_map(child).collect()
    }

    /// The changes as a text: `=` and `~` for what is kept and goes on, `!` for what is replaced, `+` and
    /// `-` for what is added and removed.
    fn changes(before: &str, after: &str) -> String {
        let present = present(before);
        let declared: Vec<_> = after.chars().map(spec).collect();
        let Difference { changes, removed } = difference(&present, &declared);
        let name = |at: Place| present[at].spec.name().to_owned();
        let changed = changes.iter().zip(&declared).map(|(change, spec)| match *change {
            Change::Keep(at) => format!("={}", name(at)),
            Change::GoOn(at) => format!("~{}", name(at)),
            Change::Replace(at) => format!("!{}", name(at)),
            Change::Add => format!("+{}", spec.name()),
        });
        let removed = removed.iter().map(|&at| format!("-{}", name(at)));
        changed.chain(removed).collect()
    }

    #[test]
    fn the_changes_lead_from_one_declaration_to_another() {
        let table = [
            ("", "", ""),
            ("ab", "ab", "=a=b"),
            ("ab", "ba", "=b=a"),
            ("ab", "b", "=b-a"),
            ("b", "abc", "+a=b+c"),
            ("aB", "aB", "=a!b"),
            ("ab", "aB", "=a!b"),
            ("2", "2", "=s"),
            ("2", "3", "~s"),
            ("2", "s", "!s"),
            ("s", "2", "!s"),
            ("a+b", "a", "=a"),
            ("a+b", "ab", "=a=b"),
            ("a+b", "aB", "=a!b"),
            ("a-b", "a", "=a"),
            ("a-b", "ab", "=a!b"),
            ("abc", "", "-a-b-c"),
        ];
        for (before, after, expected) in table {
            assert_eq!(changes(before, after), expected, "{before} to {after}");
        }
    }

    #[test]
    fn new_children_are_inserted_behind_those_before_them() {
        let table = [
            ("", "", ""),
            ("ab", "ab", "ab"),
            ("ba", "ab", "ab"),
            ("xab", "ab", "xab"),
            ("bxya", "ab", "abxy"),
            ("axby", "abc", "axbyc"),
            ("xy", "", "xy"),
        ];
        for (order, present, expected) in table {
            let [order, present] = [order, present].map(|text| text.chars().collect::<Vec<_>>());
            let found: String = inserted(&order, &present).into_iter().collect();
            assert_eq!(found, expected, "{order:?} {present:?}");
        }
    }

    /// Every declaration of up to four children out of five, from every other.
    #[test]
    fn the_order_is_that_of_the_declaration_and_nobody_is_lost() {
        let mut lists = vec![String::new()];
        for _ in 0..3 {
            let longer: Vec<_> = lists
                .iter()
                .flat_map(|list| {
                    let rest = "abcd".chars().filter(|letter| !list.contains(*letter));
                    rest.map(|letter| format!("{list}{letter}")).collect::<Vec<_>>()
                })
                .collect();
            lists.extend(longer);
            lists.sort();
            lists.dedup();
        }
        for before in &lists {
            for after in &lists {
                let there = present(&format!("{before}+z"));
                let declared: Vec<_> = after.chars().map(spec).collect();
                let Difference { changes, removed } = difference(&there, &declared);
                let names: Vec<_> = before.chars().chain(['z']).collect();
                let added: Vec<_> = after.chars().filter(|it| !before.contains(*it)).collect();
                let ordered: String = order(&changes, &names, &added).into_iter().collect();
                let gone: String = removed.iter().map(|&at| names[at]).collect();
                let left: String = before.chars().filter(|it| !after.contains(*it)).collect();
                assert_eq!(gone, left, "{before} to {after}");
                let mut others: Vec<_> = left.chars().chain(['z']).collect();
                let tail: Vec<_> = ordered.chars().skip(after.len()).collect();
                assert!(ordered.starts_with(after.as_str()), "{before} to {after}: {ordered}");
                others.sort_by_key(|it| names.iter().position(|name| name == it));
                assert_eq!(tail, others, "{before} to {after}");
            }
        }
    }
}
