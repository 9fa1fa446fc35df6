//! The function of a mapped stream is called on any thread, for several items at once.

use std::cell::Cell;
use std::rc::Rc;

use sage_supervisor::DynamicSupervisor;

fn main() {
    let tasks = DynamicSupervisor::new();
    let seen = Rc::new(Cell::new(0));
    let _ = tasks.map_stream(numbers(), 4, move |_, number: u32| {
        seen.set(number);
        async move { number }
    });
}

fn numbers() -> impl futures_core::Stream<Item = u32> {
    Numbers
}

struct Numbers;

impl futures_core::Stream for Numbers {
    type Item = u32;

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u32>> {
        std::task::Poll::Ready(None)
    }
}
