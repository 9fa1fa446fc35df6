//! The task that owns a process, from its start until the process has been reaped.
//!
//! Invariants:
//!
//! 1. The process is spawned by the first poll of the task, so that no process is spawned for an
//!    instance that is stopped or killed before that poll.
//! 2. The last order decides what an exit means, and an order is only ever replaced by a harsher
//!    one.
//! 3. The task completes only once the process has been reaped, its group is empty, and its output has
//!    been passed on. If the task is dropped earlier, the destructor of its `Group` kills the group.
//! 4. What is left of a group after the end of its leader is killed at once, unless the group was asked
//!    to stop: then all its processes have the shutdown time of the child, and are killed by the order
//!    that comes when that time is over.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::watch;

use super::group::{Group, KILL_TIME};
use super::name::{ended_as_asked, is_status_lost};
use super::output::Output;
use super::{MakeCommand, Order, ProcessLink};
use crate::child::future::{BoxInstanceFuture, ChildFuture, labelled};
use crate::exit::{Exit, ExitError};
use crate::process_exit::{ProcessExit, ProcessStatusLost};
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
    // The order that has been carried out.
    let mut done = Order::Run;
    let status = loop {
        let ended = group.leader_ended(done == Order::Stop);
        match next(ended, &mut orders, &mut output).await {
            Next::Ended(status) => break status,
            Next::Ordered(order) => done = order,
        }
        match done {
            // This cannot happen: an order is only replaced by a harsher one, and none is milder
            // than `Run`.
            Order::Run => {}
            Order::Stop => group.stop(),
            Order::Kill => group.kill(),
        }
    };
    // The process has been reaped, and the system may give its number to another process.
    link.set_pid(None);
    // The latest order counts, even if it arrived while the process was ending by itself.
    let order = *orders.borrow();
    let rest_was_killed = rest(&mut group, done, &mut orders, &mut output).await;
    output.finish();
    let exit = match status {
        Ok(status) => exit(order, status),
        Err(error) => unknown_exit(order, error),
    };
    if rest_was_killed && !exit.is_failure() { Exit::Killed } else { exit }
}

/// Waits for what is left of the group after the end of its leader. Returns `true` if the rest had been
/// asked to stop and was killed by an order.
async fn rest(
    group: &mut Group,
    mut done: Order,
    orders: &mut watch::Receiver<Order>,
    output: &mut Output,
) -> bool {
    let was_asked = done == Order::Stop;
    // A rest that was not asked to stop has been killed with the end of the leader.
    let mut until = (!was_asked).then(|| Instant::now() + KILL_TIME);
    loop {
        match next(group.ended(until), orders, output).await {
            Next::Ended(()) => return was_asked && done == Order::Kill,
            Next::Ordered(order) => done = order,
        }
        if done == Order::Kill && until.is_none() {
            group.kill();
            until = Some(Instant::now() + KILL_TIME);
        }
    }
}

/// The next thing that happens to a process or to its group.
enum Next<T> {
    Ended(T),
    Ordered(Order),
}

/// Waits for an end or for an order, and passes on the output meanwhile.
///
/// `ended` is dropped on an order, and must be safe to call again.
async fn next<T>(
    ended: impl Future<Output = T>,
    orders: &mut watch::Receiver<Order>,
    output: &mut Output,
) -> Next<T> {
    let ended = {
        let mut ended = pin!(ended);
        let mut ordered = pin!(orders.changed());
        poll_fn(|cx| {
            // The end is polled first, so that no order reaches a process that has ended.
            if let Poll::Ready(end) = ended.as_mut().poll(cx) {
                return Poll::Ready(Some(end));
            }
            if ordered.as_mut().poll(cx).is_ready() {
                return Poll::Ready(None);
            }
            output.poll(cx);
            Poll::Pending
        })
        .await
    };
    match ended {
        Some(end) => Next::Ended(end),
        None => Next::Ordered(*orders.borrow_and_update()),
    }
}

/// Classifies the end of a process whose status is not known.
fn unknown_exit(order: Order, error: io::Error) -> Exit {
    match order {
        // The process has ended, and that is all that a kill asks for.
        Order::Kill if is_status_lost(&error) => Exit::Killed,
        _ if is_status_lost(&error) => Exit::Error(ExitError::new(ProcessStatusLost::new())),
        _ => Exit::Error(ExitError::new(error)),
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

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    fn is_lost(exit: &Exit) -> bool {
        matches!(exit.cause(), Some(cause) if cause.is::<ProcessStatusLost>())
    }

    #[test]
    fn an_end_is_classified_by_the_order_before_it() {
        const KINDS: [Order; 3] = [Order::Run, Order::Stop, Order::Kill];
        let [success, fails, term, shell, kill] =
            [0, 3 << 8, 15, 143 << 8, 9].map(ExitStatus::from_raw);
        let error = |text: &str| format!("error: {text}");
        let all = |text: &str| [text.to_owned(), text.to_owned(), text.to_owned()];
        let table = [
            (success, all("normal")),
            (fails, all("error: exit status: 3")),
            (term, [error("signal: 15 (SIGTERM)"), "normal".into(), "normal".into()]),
            (shell, [error("exit status: 143"), "normal".into(), "normal".into()]),
            (kill, [error("signal: 9 (SIGKILL)"), error("signal: 9 (SIGKILL)"), "killed".into()]),
        ];
        for (status, expected) in table {
            assert_eq!(KINDS.map(|order| exit(order, status).to_string()), expected);
        }
        let lost = || io::Error::from_raw_os_error(rustix::io::Errno::CHILD.raw_os_error());
        let exits = KINDS.map(|order| unknown_exit(order, lost()));
        assert_eq!(exits.each_ref().map(is_lost), [true, true, false]);
        assert!(matches!(exits[2], Exit::Killed));
        let other = unknown_exit(Order::Kill, io::ErrorKind::Interrupted.into());
        assert!(matches!(other, Exit::Error(_)) && !is_lost(&other));
    }
}
