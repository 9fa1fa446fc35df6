//! The shutdown of trees on a signal to the process.
//!
//! Invariants:
//!
//! 1. There is one listener for the whole process. It is a thread that starts with the first tree
//!    that is run until a signal, and never ends, because tokio never restores the default
//!    behaviour of a signal.
//! 2. A tree takes its place in the list before it is started, and receives the signals that came
//!    meanwhile as soon as it has a handle. Every signal therefore finds either no place or a tree
//!    that can be stopped.
//! 3. No code of the user runs on the thread of the listener or under the lock of the list, neither a
//!    `tracing` subscriber, nor a waker, nor a destructor: the third signal ends the process even if
//!    all of them block. The list drops no handle, and two threads of their own wake the subscribers
//!    and write the log.
//! 4. A signal to a process without a place in the list has no effect. The place of a tree that ends the
//!    process with it, under `run_main`, stays in the list until then.

mod errands;
mod exit;
mod hangup;
mod listener;
mod received;
mod trees;

pub(crate) use self::exit::end_without_place;
pub(crate) use self::hangup::OnHangup;
pub(crate) use self::received::REPEAT_WITHIN;
pub(crate) use self::trees::Place;
