//! The threads that join the threads of blocking children.
//!
//! A thread is over only once the destructors of its thread-locals have run, which the system starts
//! after the last function of the thread has returned. Nothing but a join waits for them
//! (`JoinHandle::is_finished` does not), a join blocks its thread, and no thread can join itself. A
//! child whose function has returned therefore hands its own thread over to a *joiner*, which joins it
//! and then reports the exit. A companion for every child would double the number of threads, and the
//! blocking pool of the runtime is bounded, may be full, and is waited for when the runtime is dropped.
//!
//! Invariants:
//!
//! 1. From the first start of a blocking child on there is a joiner: the start fails if it cannot be
//!    spawned, and a joiner ends only while others are free.
//! 2. A thread that has been handed over waits until a joiner is free only if the system refuses one
//!    more joiner. A thread that hangs in a destructor therefore holds up no other.
//! 3. A joiner survives a panic of what follows the join.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::contain::contain;

/// The number of free joiners that are kept for the next threads. Two suffice unless many threads end
/// at the same moment.
const SPARE: usize = 2;

/// The joiners of all trees of this process.
pub(super) static JOINERS: Joiners = Joiners::new();

pub(super) struct Joiners {
    state: Mutex<State>,
    handed_over: Condvar,
}

struct State {
    ended: VecDeque<Ended>,
    /// The number of joiners.
    alive: usize,
    /// The number of joiners that wait for a thread, or have been woken and have not taken it yet.
    free: usize,
}

/// A thread whose last function has returned, or is about to.
struct Ended {
    thread: JoinHandle<()>,
    then: Box<dyn FnOnce() + Send>,
}

impl Joiners {
    const fn new() -> Self {
        let state = State { ended: VecDeque::new(), alive: 0, free: 0 };
        Self { state: Mutex::new(state), handed_over: Condvar::new() }
    }

    /// Spawns the first joiner.
    ///
    /// # Errors
    ///
    /// The error of the system, if there is no joiner and none can be spawned.
    pub(super) fn prepare(&'static self) -> io::Result<()> {
        let mut state = self.lock();
        if state.alive == 0 {
            // The lock is held meanwhile, so that no other start relies on a joiner that then cannot
            // be spawned.
            self.spawn()?;
            state.alive = 1;
        }
        Ok(())
    }

    /// Joins `thread`, and then calls `then`, both on the thread of a joiner.
    pub(super) fn join(
        &'static self,
        thread: JoinHandle<()>,
        then: impl FnOnce() + Send + 'static,
    ) {
        let mut state = self.lock();
        state.ended.push_back(Ended { thread, then: Box::new(then) });
        if state.ended.len() <= state.free {
            drop(state);
            self.handed_over.notify_one();
            return;
        }
        state.alive += 1;
        drop(state);
        if self.spawn().is_err() {
            self.lock().alive -= 1;
        }
    }

    fn spawn(&'static self) -> io::Result<()> {
        let joiner = thread::Builder::new().name("sage-joiner".to_owned());
        joiner.spawn(|| self.run()).map(drop)
    }

    fn run(&self) {
        let mut state = self.lock();
        loop {
            if let Some(Ended { thread, then }) = state.ended.pop_front() {
                drop(state);
                // The thread contains the panics of its child, so there is no result to look at.
                let _ = thread.join();
                let _ = contain(then);
                state = self.lock();
                continue;
            }
            if state.free == SPARE {
                state.alive -= 1;
                return;
            }
            state.free += 1;
            while state.ended.is_empty() {
                state = self.handed_over.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.free -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of the user runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    thread_local! {
        /// The destructor of the thread waits until the gate is opened, and then tells so.
        static GATE: RefCell<Option<Gate>> = const { RefCell::new(None) };
    }

    struct Gate(Receiver<()>, Sender<&'static str>);

    impl Drop for Gate {
        fn drop(&mut self) {
            let _ = self.0.recv();
            let _ = self.1.send("destructor");
        }
    }

    fn joiners() -> &'static Joiners {
        let joiners = Box::leak(Box::new(Joiners::new()));
        joiners.prepare().expect("a thread can be spawned");
        joiners
    }

    /// Hands over a thread with a thread-local. The result opens its gate, and receives what happens.
    fn hand_over(joiners: &'static Joiners) -> (Sender<()>, Receiver<&'static str>) {
        let (open, gate) = channel();
        let (tell, told) = channel();
        let joined = tell.clone();
        let thread = thread::spawn(move || GATE.set(Some(Gate(gate, tell))));
        joiners.join(thread, move || joined.send("joined").expect("the test receives it"));
        (open, told)
    }

    #[test]
    fn a_thread_is_joined_after_its_thread_locals_are_gone() {
        let (open, told) = hand_over(joiners());
        drop(open);
        assert_eq!([told.recv(), told.recv()], [Ok("destructor"), Ok("joined")]);
    }

    #[test]
    fn threads_that_hang_hold_up_no_other() {
        let joiners = joiners();
        let hanging: Vec<_> = (0..5).map(|_| hand_over(joiners)).collect();
        let (open, told) = hand_over(joiners);
        drop(open);
        assert_eq!([told.recv(), told.recv()], [Ok("destructor"), Ok("joined")]);
        for (open, told) in hanging {
            assert!(told.try_recv().is_err(), "it still hangs");
            drop(open);
            assert_eq!([told.recv(), told.recv()], [Ok("destructor"), Ok("joined")]);
        }
    }

    #[test]
    fn few_joiners_are_kept_and_a_panic_ends_none() {
        let joiners = joiners();
        let (tell, told) = channel();
        for _ in 0..50 {
            let tell = tell.clone();
            joiners.join(thread::spawn(|| {}), move || {
                tell.send(()).expect("the test receives it");
                panic!("expected: after the join");
            });
        }
        assert_eq!(told.iter().take(50).count(), 50);
        // The joiners that are not needed any more end by themselves.
        loop {
            let state = joiners.lock();
            if state.alive == state.free {
                assert!(matches!(state.free, 1..=SPARE));
                assert!(state.ended.is_empty());
                return;
            }
            drop(state);
            thread::yield_now();
        }
    }
}
