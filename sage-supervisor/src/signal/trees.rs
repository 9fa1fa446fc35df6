//! The list of the trees that receive signals.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::errands::Errands;
use super::exit;
use super::hangup::{Calls, OnHangup};
use super::listener::{HANGUP, Listener};
use super::received::{Answer, Received};
use crate::event::{Echo, SignalEffect};
use crate::handle::SupervisorHandle;
use crate::report::{Report, Requester};

static TREES: Mutex<Trees> = Mutex::new(Trees { threads: None, next_id: 0, listed: Vec::new() });

struct Trees {
    /// The threads for signals; `None` before the first tree.
    threads: Option<Threads>,
    next_id: u64,
    listed: Vec<Tree>,
}

struct Threads {
    listener: Listener,
    aftermath: AftermathThreads,
}

/// The threads that run the code of the user that follows from a signal. A log that is blocked must not
/// hold up the subscribers, so each has its own.
#[derive(Clone)]
struct AftermathThreads {
    wakes: Errands,
    log: Errands,
}

/// A tree in the list.
struct Tree {
    id: u64,
    /// The handle; `None` before the tree has been started, and after it has ended.
    handle: Option<SupervisorHandle>,
    received: Received,
    repeat_within: Duration,
    /// Notified of every hangup, if there is a function for them.
    hangups: Option<Arc<Notify>>,
    /// The signals that came before there was a handle.
    waiting: Vec<Heard>,
    /// `true` if the tree has ended, and the process is about to end with it.
    is_over: bool,
}

/// A signal with its effect on a tree.
#[derive(Clone, Copy)]
struct Heard {
    number: i32,
    effect: SignalEffect,
}

/// The code of the user that follows from a signal, and that runs elsewhere.
struct Aftermath {
    heard: Heard,
    handle: SupervisorHandle,
    echo: Option<Echo>,
}

/// The place of a tree in the list. Dropping it removes the tree.
pub(crate) struct Place {
    id: u64,
    /// The function for hangups, before the tree has been started.
    on_hangup: Option<(OnHangup, Arc<Notify>)>,
    calls: Option<Calls>,
}

impl Place {
    /// Takes a place for a tree that is to be started, or runs already. The process listens to the
    /// signals when this returns.
    pub(crate) fn take(repeat_within: Duration, on_hangup: Option<OnHangup>) -> io::Result<Self> {
        let on_hangup = on_hangup.map(|function| (function, Arc::new(Notify::new())));
        let hangups = on_hangup.as_ref().map(|(_, hangups)| Arc::clone(hangups));
        let id = lock().add(repeat_within, hangups)?;
        Ok(Self { id, on_hangup, calls: None })
    }

    /// Gives the tree its handle. The tree receives the signals that have come so far.
    pub(crate) fn give(&mut self, handle: SupervisorHandle) {
        if let Some((function, hangups)) = self.on_hangup.take() {
            self.calls = Some(Calls::start(function, handle.clone(), hangups));
        }
        let (aftermaths, threads) = {
            let mut trees = lock();
            let threads = trees.aftermath();
            let Some(tree) = trees.find(self.id) else { return };
            let waiting = std::mem::take(&mut tree.waiting);
            let aftermaths: Vec<_> =
                waiting.into_iter().map(|heard| tree.pass_on(&handle, heard)).collect();
            tree.handle = Some(handle);
            (aftermaths, threads)
        };
        if let Some(threads) = threads {
            threads.run(aftermaths);
        }
    }

    /// Removes the tree from the list, and waits for a limited time until the log of its signals is
    /// written.
    pub(crate) async fn leave(self) {
        let log = self.log();
        drop(self);
        if let Some(log) = log {
            log.wait().await;
        }
    }

    /// Ends the process with the code of this report. The next signal ends the process at once.
    pub(crate) fn end_process(mut self, report: &Report) -> ! {
        let log = self.log();
        self.calls = None;
        let handle = lock().find(self.id).and_then(|tree| {
            tree.is_over = true;
            tree.handle.take()
        });
        drop(handle);
        exit::end_process(report, log.as_ref())
    }

    /// Returns the thread that writes the log, if the tree has received a signal.
    fn log(&self) -> Option<Errands> {
        let mut trees = lock();
        let has_received = trees.find(self.id).is_some_and(|tree| tree.received.any());
        trees.aftermath().filter(|_| has_received).map(|threads| threads.log)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // The lock is released at the end of this statement, before the handle is dropped
        // (invariant 3).
        let tree = lock().remove(self.id);
        drop(tree);
    }
}

fn lock() -> MutexGuard<'static, Trees> {
    TREES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Trees {
    fn add(&mut self, repeat_within: Duration, hangups: Option<Arc<Notify>>) -> io::Result<u64> {
        let threads = match &mut self.threads {
            Some(threads) => threads,
            // A failure leaves the field empty, so the next tree tries again.
            none => none.insert(Threads::start()?),
        };
        if hangups.is_some() {
            threads.listener.hear_hangups()?;
        }
        let id = self.next_id;
        self.next_id += 1;
        self.listed.push(Tree {
            id,
            handle: None,
            received: Received::default(),
            repeat_within,
            hangups,
            waiting: Vec::new(),
            is_over: false,
        });
        Ok(id)
    }

    fn find(&mut self, id: u64) -> Option<&mut Tree> {
        self.listed.iter_mut().find(|tree| tree.id == id)
    }

    fn remove(&mut self, id: u64) -> Option<Tree> {
        let at = self.listed.iter().position(|tree| tree.id == id)?;
        Some(self.listed.remove(at))
    }

    fn aftermath(&self) -> Option<AftermathThreads> {
        self.threads.as_ref().map(|threads| threads.aftermath.clone())
    }

    /// Passes a signal on to all trees.
    fn receive(&mut self, number: i32, now: Instant) -> Vec<Aftermath> {
        let hangup_stops = self.threads.as_ref().is_some_and(|it| it.listener.hangup_stops());
        let mut aftermaths = Vec::new();
        for tree in &mut self.listed {
            let Some(effect) = tree.receive(number, now, hangup_stops) else { continue };
            let heard = Heard { number, effect };
            match &tree.handle {
                Some(handle) => aftermaths.push(tree.pass_on(handle, heard)),
                None if tree.is_over => {}
                None => tree.waiting.push(heard),
            }
        }
        aftermaths
    }
}

impl Threads {
    fn start() -> io::Result<Self> {
        let aftermath = AftermathThreads {
            wakes: Errands::start("sage-supervisor-wakes")?,
            log: Errands::start("sage-supervisor-log")?,
        };
        let threads = aftermath.clone();
        let hear = move |number| {
            // The lock is released at the end of this statement.
            let aftermaths = lock().receive(number, Instant::now());
            threads.run(aftermaths);
        };
        Ok(Self { listener: Listener::start(hear)?, aftermath })
    }
}

impl AftermathThreads {
    /// Lets the threads wake the subscribers and write the log. This does not wait for them.
    fn run(&self, aftermaths: Vec<Aftermath>) {
        if aftermaths.is_empty() {
            return;
        }
        let (echoes, entries) = split(aftermaths);
        self.wakes.run(move || drop(echoes));
        self.log.run(move || write(&entries));
    }
}

impl Tree {
    /// Counts a signal, and returns its effect; `None` if the signal is none of this tree's. Each tree
    /// counts for itself: a tree that was started after the first signal is asked to stop by the next
    /// one.
    fn receive(&mut self, number: i32, now: Instant, hangup_stops: bool) -> Option<SignalEffect> {
        if number == HANGUP {
            if self.hangups.is_some() {
                return Some(SignalEffect::Handled);
            }
            if !hangup_stops {
                return None;
            }
        }
        match self.received.receive(now, self.repeat_within, self.is_over) {
            Answer::Stop => Some(SignalEffect::Stop),
            Answer::Repeat => Some(SignalEffect::Repeat),
            Answer::Abort => Some(SignalEffect::Abort),
            Answer::Exit => exit::at_once(number),
        }
    }

    /// Tells the tree of a signal, without running code of the user.
    fn pass_on(&self, handle: &SupervisorHandle, heard: Heard) -> Aftermath {
        let Heard { number, effect } = heard;
        // The event comes before the request: once the tree is asked to end, it may be over at any
        // moment, and its stream of events with it.
        let echo = handle.send_signal_event(number, effect);
        match effect {
            SignalEffect::Stop => handle.request_shutdown(Requester::Signal { number }, None),
            SignalEffect::Abort => handle.request_kill(Requester::Signal { number }),
            SignalEffect::Handled => {
                if let Some(hangups) = &self.hangups {
                    hangups.notify_one();
                }
            }
            SignalEffect::Repeat => {}
        }
        Aftermath { heard, handle: handle.clone(), echo }
    }
}

/// Splits what follows from a signal into the wakes of subscribers and the entries of the log.
fn split(aftermaths: Vec<Aftermath>) -> (Vec<Echo>, Vec<(SupervisorHandle, Heard)>) {
    let mut echoes = Vec::new();
    let entry = |Aftermath { heard, handle, echo }| {
        echoes.extend(echo);
        (handle, heard)
    };
    let entries = aftermaths.into_iter().map(entry).collect();
    (echoes, entries)
}

/// Writes signals to the log.
fn write(entries: &[(SupervisorHandle, Heard)]) {
    for (tree, Heard { number, effect }) in entries {
        tree.trace_signal(*number, *effect);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc::{SyncSender, sync_channel};
    use std::task::{Context, Wake, Waker};
    use std::thread::{self, ThreadId};

    use super::*;
    use crate::{RestartConfig, Strategy, Supervisor};

    /// A waker that tells which thread has woken it.
    struct Tells(SyncSender<ThreadId>);

    impl Wake for Tells {
        fn wake(self: Arc<Self>) {
            let _ = self.0.send(thread::current().id());
        }
    }

    #[tokio::test]
    async fn a_signal_that_came_before_the_handle_wakes_nobody_on_the_thread_of_the_start() {
        let tree = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).start();
        let mut place = Place::take(Duration::ZERO, None).expect("it listens");
        let waited = lock().receive(15, Instant::now());
        assert!(waited.is_empty(), "no tree of this process has a handle yet");
        let mut events = tree.handle().tree_events();
        let (tell, told) = sync_channel(8);
        let waker = Waker::from(Arc::new(Tells(tell)));
        let mut waits = pin!(events.recv());
        assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        place.give(tree.handle());
        assert_ne!(told.recv().expect("it is woken"), thread::current().id());
    }
}
