//! The task that owns a process, from its start until the process has been reaped.
//!
//! Invariants:
//!
//! 1. The process is spawned by the first poll of the task, so that no process is spawned for an
//!    instance that is stopped or killed before that poll.
//! 2. The last order decides what an exit means, and an order is only ever replaced by a harsher
//!    one.
//! 3. The task completes only once the process has been reaped, its group is empty, its driver has been
//!    dropped, and its output has been passed on. If the task is dropped earlier, the destructor of its `Group` kills the group.
//! 4. What is left of a group after the end of its leader is killed at once, unless the group was asked
//!    to stop: then all its processes have the shutdown time of the child, and are killed by the order
//!    that comes when that time is over.
//! 5. The end of the process is looked at before that of its driver: a driver that has only seen the end
//!    of its process is not the cause of that end.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::process::ExitStatus;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::sync::watch;

use super::alarm::Alarm;
use super::driver::{Driver, Given, ProcessSettings};
use super::group::{Group, KILL_TIME, Rest};
use super::io::ProcessIo;
use super::name::{ended_as_asked, is_status_lost};
use super::output::Output;
use super::ready::{LineWatch, PortWatch};
use super::signal::ProcessSignal;
use super::stage::{Cue, Stage, end, own_end, time_of, undisturbed};
use super::{MakeCommand, Order, ProcessLink};
use crate::child::context::ChildContext;
use crate::child::future::{BoxInstanceFuture, ChildFuture, labelled};
use crate::exit::{Exit, ExitError};
use crate::policy::Shutdown;
use crate::process_exit::{ProcessExit, ProcessStatusLost};
use crate::scope::{ChildId, Why};

/// All that an instance is started with.
pub(crate) struct ProcessStart {
    pub(crate) make: MakeCommand,
    pub(crate) settings: ProcessSettings,
    pub(crate) shutdown: Shutdown,
    pub(crate) path: String,
    /// Present if the settings need one.
    pub(crate) context: Option<ChildContext>,
}

/// Creates the future of one instance, and the link by which the engine stops or kills it.
pub(crate) fn start(
    child: ChildId,
    start: ProcessStart,
) -> (BoxInstanceFuture<ChildId>, Arc<ProcessLink>) {
    let link = Arc::new(ProcessLink::new(start.context.clone()));
    let host = Host(Box::pin(host(start, Arc::clone(&link))));
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
async fn host(start: ProcessStart, link: Arc<ProcessLink>) -> Exit {
    let ProcessStart { make, settings, shutdown, path, context } = start;
    let mut orders = link.order.subscribe();
    // The order is copied, because the borrow holds a lock of the channel. An order that arrives
    // after this line is seen by `changed`.
    let early = *orders.borrow_and_update();
    match early {
        Order::Run => {}
        Order::Stop => return Exit::Normal,
        Order::Kill => return Exit::Killed,
    }
    if let Some(context) = &context {
        context.note_runner();
    }
    let has_driver = settings.has_driver();
    let mut group = match Group::spawn(make(), has_driver) {
        Ok(group) => group,
        Err(error) => return Exit::Error(ExitError::new(error)),
    };
    link.set_pid(group.pid());
    let mut parts = Parts::begin(&mut group, orders, &settings, path, context);
    let signal = settings.stop_signal;
    let mut stop = Stop { stage: Stage::Running, until: None, is_own: false };
    // The failure of the driver, or of another function of the user, before the end of the process.
    let mut first = None;
    // What becomes of the rest of the group after the end of its leader.
    let mut left;
    let status = loop {
        left = stop.rest(parts.order(), signal);
        let cue = match next(group.leader_ended(left), &mut parts).await {
            Next::Ended(status) => break status,
            Next::Ordered(Order::Kill) => Cue::Kill,
            Next::Ordered(Order::Stop) => Cue::Stop,
            // This cannot happen: an order is only replaced by a harsher one, and none is milder
            // than `Run`.
            Next::Ordered(Order::Run) => continue,
            Next::TimeOver => Cue::TimeOver,
            Next::UserEnded(exit) => {
                first = first.or(Some(exit).filter(Exit::is_failure));
                Cue::Ended
            }
        };
        let stage = stop.stage.after(cue, has_driver);
        if stage == stop.stage {
            continue;
        }
        if stop.stage == Stage::Running {
            stop.is_own = cue == Cue::Ended;
            stop.until = if stop.is_own { own_end(shutdown) } else { end(shutdown) };
            parts.port = None;
        }
        stop.stage = stage;
        first = first.or(enter(&stop, &mut group, signal, &mut parts));
    };
    // The process has been reaped, and the system may give its number to another process.
    link.set_pid(None);
    // The latest order counts, even if it arrived while the process was ending by itself.
    let order = parts.order().max(stop.order());
    let program = match status {
        Ok(status) => exit(order, status, signal),
        Err(error) => unknown_exit(order, error),
    };
    let has_failed = program.is_failure();
    if has_failed && stop.stage == Stage::Running {
        parts.ask_driver();
    }
    // The time of a goodbye goes on, and so does that of a group that was sent the signal.
    if !matches!(stop.stage, Stage::Goodbye | Stage::Signalled) {
        parts.alarm = None;
    }
    let mut later = None;
    let rest_was_killed = rest(&stop, &mut group, left.goes_on(), &mut parts, &mut later).await;
    let is_left = match parts.driver.is_alive() {
        true => finish(&stop, has_failed, shutdown, &mut parts, &mut later).await,
        false => false,
    };
    parts.output.finish();
    let panic = parts.output.take_panic().map(Exit::Panic);
    let exit = match first {
        // The driver has only seen the end of its process, which is worth more than that.
        Some(Exit::Error(_)) if has_failed && stop.ended_by_itself() && parts.driver.saw_end() => {
            program
        }
        Some(first) => first,
        None if has_failed => program,
        None => later.filter(Exit::is_failure).or(panic).unwrap_or(program),
    };
    let was_killed = rest_was_killed || is_left;
    if was_killed && !exit.is_failure() { Exit::Killed } else { exit }
}

/// The stop of a process that is under way.
struct Stop {
    stage: Stage,
    /// The end of the time of the whole stop, or `None` if it is unlimited.
    until: Option<Instant>,
    /// `true` if the end of the driver began the stop, and not the supervisor. Then nobody else orders
    /// a kill when the time is over.
    is_own: bool,
}

impl Stop {
    /// The order that the stage stands for.
    fn order(&self) -> Order {
        match self.stage {
            Stage::Running | Stage::Goodbye | Stage::Closed => Order::Run,
            Stage::Signalled => Order::Stop,
            Stage::Killed => Order::Kill,
        }
    }

    /// Returns what becomes of the rest of the group if its leader ends now.
    fn rest(&self, order: Order, signal: ProcessSignal) -> Rest {
        match (self.stage, order) {
            // The input alone ends the leader. The others of its group have not heard of the stop.
            (Stage::Goodbye | Stage::Closed, Order::Stop) => Rest::Asked(signal),
            (Stage::Signalled, _) => Rest::Spared,
            _ => Rest::Killed,
        }
    }

    /// Returns whether no signal has ended the process.
    fn ended_by_itself(&self) -> bool {
        self.order() == Order::Run
    }
}

/// Carries out what a stage begins with. Returns the panic of the destructor of the driver.
fn enter(stop: &Stop, group: &mut Group, signal: ProcessSignal, parts: &mut Parts) -> Option<Exit> {
    let is_timed = stop.stage != Stage::Killed && (stop.stage != Stage::Signalled || stop.is_own);
    let time = time_of(stop.stage, stop.until).filter(|_| is_timed);
    parts.alarm = time.map(Alarm::after);
    match stop.stage {
        Stage::Running | Stage::Goodbye => None,
        Stage::Closed => {
            parts.ask_driver();
            parts.driver.end()
        }
        Stage::Signalled => {
            group.stop(signal);
            parts.driver.end()
        }
        Stage::Killed => {
            group.kill();
            parts.driver.end()
        }
    }
}

/// Waits for what is left of the group after the end of its leader. Returns `true` if the rest had been
/// asked to stop and was killed.
async fn rest(
    stop: &Stop,
    group: &mut Group,
    was_asked: bool,
    parts: &mut Parts,
    later: &mut Option<Exit>,
) -> bool {
    let mut is_killed = false;
    // A rest that was not asked to stop has been killed with the end of the leader.
    let mut until = (!was_asked).then(|| Instant::now() + KILL_TIME);
    loop {
        match next(group.ended(until), parts).await {
            Next::Ended(()) => return was_asked && is_killed,
            Next::Ordered(order) => is_killed |= order == Order::Kill,
            Next::TimeOver if stop.stage == Stage::Goodbye => {
                *later = later.take().or(parts.driver.end());
            }
            Next::TimeOver => is_killed = true,
            Next::UserEnded(exit) => *later = later.take().or(Some(exit)),
        }
        if is_killed && until.is_none() {
            group.kill();
            until = Some(Instant::now() + KILL_TIME);
        }
    }
}

/// Waits for the driver of a process that has ended. Returns `true` if the driver was dropped before its
/// end, although nobody had asked for a stop.
async fn finish(
    stop: &Stop,
    has_failed: bool,
    shutdown: Shutdown,
    parts: &mut Parts,
    later: &mut Option<Exit>,
) -> bool {
    // The alarm of a stop that was under way before goes on.
    let mut was_stopped = stop.stage != Stage::Running;
    let mut is_asked = has_failed || was_stopped;
    let mut is_left = false;
    let until = own_end(shutdown);
    if !was_stopped {
        parts.alarm = match is_asked {
            true => until.map(Alarm::at),
            // A driver that still reads the last output is not disturbed at first.
            false => Some(Alarm::after(undisturbed(until))),
        };
    }
    while parts.order() != Order::Kill {
        if !was_stopped && parts.order() == Order::Stop {
            // The supervisor has asked the driver. The earlier of the two ends counts.
            (was_stopped, is_asked) = (true, true);
            let goodbye = time_of(Stage::Goodbye, end(shutdown)).map(|time| Instant::now() + time);
            parts.alarm = goodbye.into_iter().chain(until).min().map(Alarm::at);
        }
        match next(pending::<Infallible>(), parts).await {
            Next::Ended(never) => match never {},
            Next::Ordered(_) => {}
            Next::TimeOver if is_asked => {
                is_left = !was_stopped;
                break;
            }
            Next::TimeOver => {
                is_asked = true;
                parts.ask_driver();
                parts.alarm = until.map(Alarm::at);
            }
            Next::UserEnded(exit) => {
                *later = later.take().or(Some(exit));
                if !parts.driver.is_alive() {
                    return false;
                }
            }
        }
    }
    is_left |= parts.order() == Order::Kill && !has_failed;
    *later = later.take().or(parts.driver.end());
    is_left
}

/// The parts of an instance beside its group.
struct Parts {
    orders: watch::Receiver<Order>,
    output: Output,
    driver: Driver,
    port: Option<PortWatch>,
    alarm: Option<Alarm>,
    context: Option<ChildContext>,
    /// The failure to make one of the parts.
    failed: Option<Exit>,
}

impl Parts {
    fn begin(
        group: &mut Group,
        orders: watch::Receiver<Order>,
        settings: &ProcessSettings,
        path: String,
        context: Option<ChildContext>,
    ) -> Self {
        let (mut driver, mut port, mut failed) = (Driver::default(), None, None);
        let mut watch = None;
        let pipes = if settings.has_driver() { group.take_pipes() } else { None };
        if let Some(context) = &context {
            watch = settings
                .ready_line
                .clone()
                .map(|test| LineWatch::new(test.function, context.clone()));
            match settings.ready_port.map(PortWatch::begin).transpose() {
                Ok(begun) => port = begun,
                Err(error) => failed = Some(Exit::Error(ExitError::new(error))),
            }
            if let (Some(Given { function: start, .. }), Some((input, output))) =
                (&settings.driver, pipes)
            {
                driver = Driver::begin(start, ProcessIo::new(input, output), context.clone());
            }
        }
        let output = Output::of(group, path, watch);
        Self { orders, output, driver, port, alarm: None, context, failed }
    }

    fn order(&self) -> Order {
        *self.orders.borrow()
    }

    /// Asks the driver to stop, which its context tells.
    fn ask_driver(&self) {
        if let Some(context) = &self.context {
            // A reason that the supervisor has given is kept.
            context.note_why(Why::ProcessEnded);
            context.ask_to_stop();
        }
    }

    /// Polls everything but the orders.
    fn poll<T>(&mut self, cx: &mut Context<'_>) -> Poll<Next<T>> {
        if let Some(exit) = self.failed.take() {
            return Poll::Ready(Next::UserEnded(exit));
        }
        if self.alarm.as_mut().is_some_and(|alarm| alarm.poll(cx).is_ready()) {
            self.alarm = None;
            return Poll::Ready(Next::TimeOver);
        }
        // The output is bounded in each poll, so it leaves a part of the task's budget to the driver.
        self.output.poll(cx);
        if let Some(panic) = self.output.take_panic() {
            return Poll::Ready(Next::UserEnded(Exit::Panic(panic)));
        }
        if self.port.as_mut().is_some_and(|port| port.poll(cx).is_ready()) {
            self.port = None;
            if let Some(context) = &self.context {
                context.say_ready();
            }
        }
        self.driver.poll(cx).map(Next::UserEnded)
    }
}

/// The next thing that happens to a process or to its group.
enum Next<T> {
    Ended(T),
    Ordered(Order),
    TimeOver,
    /// The driver has ended, or another function of the user has panicked.
    UserEnded(Exit),
}

/// Waits for an end or for an order, and goes on with the other parts meanwhile.
///
/// `ended` is dropped on an order, and must be safe to call again.
async fn next<T>(ended: impl Future<Output = T>, parts: &mut Parts) -> Next<T> {
    // The clone has seen the same orders. The future must last, because a dropped one is not woken.
    let mut orders = parts.orders.clone();
    let (mut ended, mut ordered) = (pin!(ended), pin!(orders.changed()));
    poll_fn(|cx| {
        // The end is polled first, so that no order reaches a process that has ended.
        if let Poll::Ready(end) = ended.as_mut().poll(cx) {
            return Poll::Ready(Next::Ended(end));
        }
        if ordered.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Next::Ordered(*parts.orders.borrow_and_update()));
        }
        parts.poll(cx)
    })
    .await
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
fn exit(order: Order, status: ExitStatus, signal: ProcessSignal) -> Exit {
    let exit = ProcessExit::new(status);
    if status.success() {
        return Exit::Normal;
    }
    match order {
        Order::Kill if exit.is_kill() => Exit::Killed,
        // A process may still end by the signal after a kill has been ordered, because it was asked to
        // stop before.
        Order::Stop | Order::Kill if ended_as_asked(&exit, signal) => Exit::Normal,
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
            assert_eq!(
                KINDS.map(|order| exit(order, status, ProcessSignal::Terminate).to_string()),
                expected
            );
        }
        let quit = ExitStatus::from_raw(3);
        let exits = [ProcessSignal::Quit, ProcessSignal::Terminate]
            .map(|signal| exit(Order::Stop, quit, signal).is_failure());
        assert_eq!(exits, [false, true], "only the signal that it was sent counts");
        let lost = || io::Error::from_raw_os_error(rustix::io::Errno::CHILD.raw_os_error());
        let exits = KINDS.map(|order| unknown_exit(order, lost()));
        assert_eq!(exits.each_ref().map(is_lost), [true, true, false]);
        assert!(matches!(exits[2], Exit::Killed));
        let other = unknown_exit(Order::Kill, io::ErrorKind::Interrupted.into());
        assert!(matches!(other, Exit::Error(_)) && !is_lost(&other));
    }
}
