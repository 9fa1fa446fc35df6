//! Lists whose members are shared between states, because many states differ in few of them.

use std::ops::{Index, IndexMut};
use std::rc::Rc;

/// A list whose members are copied when they are changed, and not before.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Shared<T>(Vec<Rc<T>>);

impl<T: Clone> Shared<T> {
    /// A list of equal members.
    pub(super) fn new(member: T, count: usize) -> Self {
        let member = Rc::new(member);
        Self((0..count).map(|_| Rc::clone(&member)).collect())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|member| &**member)
    }
}

impl<T> Index<usize> for Shared<T> {
    type Output = T;

    fn index(&self, number: usize) -> &T {
        &self.0[number]
    }
}

impl<T: Clone> IndexMut<usize> for Shared<T> {
    fn index_mut(&mut self, number: usize) -> &mut T {
        Rc::make_mut(&mut self.0[number])
    }
}
