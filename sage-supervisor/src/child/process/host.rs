//! The task that owns a process, from its start until the process has been reaped.
//!
//! Invariants:
//!
//! 1. The process is spawned by the first poll of the task, so that no process is spawned for an
//!    instance that is stopped or killed before that poll.
//! 2. The last order decides what an exit means, and an order is only ever replaced by a harsher
//!    one.
//! 3. The task completes only once the process has been reaped and its output has been passed on.
//!    If the task is dropped earlier, the destructor of its `Group` kills the process.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::watch;

use super::group::{Group, ended_as_asked};
use super::output::Output;
use super::{MakeCommand, Order, ProcessLink};
use crate::child::future::{BoxInstanceFuture, ChildFuture, labelled};
use crate::exit::{Exit, ExitError};
use crate::process_exit::ProcessExit;
use crate::scope::ChildId;

/// Creates the future of one instance, and the link by which the engine stops or kills it.
pub(crate) fn start(
    child: ChildId,
    make: MakeCommand,
    path: String,
) -> (BoxInstanceFuture<ChildId>, Arc<ProcessLink>) {
    let link = Arc::new(ProcessLink::new());
    let host = Host(Box::pin(host(make, Arc::clone(&link), path)));
    (labelled(child, host), link)
}

/// A future that already returns an exit.
// `Exit` is no `Outcome`, because a child must not choose its exit. The blanket implementation of
// `ChildFuture` therefore does not cover this future.
struct Host<F>(Pin<Box<F>>);

impl<F: Future<Output = Exit>> ChildFuture for Host<F> {
    fn poll_exit(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        self.0.as_mut().poll(cx)
    }
}

/// Runs one instance: spawns the process, carries out the orders, and returns the exit.
async fn host(make: MakeCommand, link: Arc<ProcessLink>, path: String) -> Exit {
    let mut orders = link.order.subscribe();
    // The order is copied, because the borrow holds a lock of the channel. An order that arrives
    // after this line is seen by `changed`.
    let early = *orders.borrow();
    match early {
        Order::Run => {}
        Order::Stop => return Exit::Normal,
        Order::Kill => return Exit::Killed,
    }
    let mut group = match Group::spawn(make()) {
        Ok(group) => group,
        Err(error) => return Exit::Error(ExitError::new(error)),
    };
    link.set_pid(group.pid());
    let mut output = Output::of(&mut group, path);
    let status = loop {
        match next(&mut group, &mut orders, &mut output).await {
            Next::Ended(status) => break status,
            // This cannot happen: an order is only replaced by a harsher one, and none is milder
            // than `Run`.
            Next::Ordered(Order::Run) => {}
            Next::Ordered(Order::Stop) => group.stop(),
            Next::Ordered(Order::Kill) => group.kill(),
        }
    };
    // The process has been reaped, and the system may give its number to another process.
    link.set_pid(None);
    output.finish();
    // The latest order counts, even if it arrived while the process was ending by itself.
    let order = *orders.borrow();
    match status {
        Ok(status) => exit(order, status),
        Err(error) => Exit::Error(ExitError::new(error)),
    }
}

/// The next thing that happens to a process.
enum Next {
    Ended(io::Result<ExitStatus>),
    Ordered(Order),
}

/// Waits for the end of the process or for an order, and passes on the output meanwhile.
async fn next(group: &mut Group, orders: &mut watch::Receiver<Order>, output: &mut Output) -> Next {
    let status = {
        // Dropping this future on an order loses nothing: `ended` can be called again.
        let mut ended = pin!(group.ended());
        let mut ordered = pin!(orders.changed());
        poll_fn(|cx| {
            // The end is polled first, so that no order reaches a process that has ended.
            if let Poll::Ready(status) = ended.as_mut().poll(cx) {
                return Poll::Ready(Some(status));
            }
            if ordered.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            output.poll(cx);
            Poll::Pending
        })
        .await
    };
    match status {
        Some(status) => Next::Ended(status),
        None => Next::Ordered(*orders.borrow_and_update()),
    }
}

/// Classifies the end of a process that had received `order`. A process that ended as asked has the
/// exit `Normal` here: the engine knows if it asked for the end, and makes `Shutdown` of that.
fn exit(order: Order, status: ExitStatus) -> Exit {
    let exit = ProcessExit::new(status);
    if status.success() {
        return Exit::Normal;
    }
    match order {
        Order::Kill if exit.is_kill() => Exit::Killed,
        // A process may still end by SIGTERM after a kill has been ordered, because it was asked to
        // stop before.
        Order::Stop | Order::Kill if ended_as_asked(&exit) => Exit::Normal,
        _ => Exit::Error(ExitError::new(exit)),
    }
}
