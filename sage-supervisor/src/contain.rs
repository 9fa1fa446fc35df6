//! Containment of user code: a panic in it becomes a value.
//!
//! Code of the user runs in start functions, futures, clones, destructors, and in the `Display` of
//! errors. No panic of such code may unwind into a supervisor.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::bounded;
use crate::panic_location::{self, PanicLocation};

/// A panic that was caught, with its message.
///
/// A `ChildPanic` is an [`Error`](std::error::Error), so it can stand in a source chain. Its text
/// is the message alone. For a payload that is not a string, the message says only that. A message of
/// more than 16 KiB is cut off.
#[derive(Clone, PartialEq, Eq)]
pub struct ChildPanic(Arc<Caught>);

#[derive(PartialEq, Eq)]
struct Caught {
    message: String,
    location: Option<PanicLocation>,
}

impl ChildPanic {
    /// The message of the panic.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The place of the panic in the source, if [`capture_panic_locations`] was called before the
    /// panic. `None` also for a panic that comes from [`resume_unwind`](std::panic::resume_unwind),
    /// unless this instance has panicked with the same message before.
    ///
    /// [`capture_panic_locations`]: crate::capture_panic_locations
    #[must_use]
    pub fn location(&self) -> Option<&PanicLocation> {
        self.0.location.as_ref()
    }

    /// Returns the words ` at file:line:column`, or nothing if the location is not known.
    pub(crate) fn place(&self) -> String {
        self.location().map_or_else(String::new, |location| format!(" at {location}"))
    }

    fn from_payload(payload: Box<dyn Any + Send>) -> Self {
        // A panic that has been contained before goes on as itself.
        let payload = match payload.downcast::<Self>() {
            Ok(panic) => return *panic,
            Err(payload) => payload,
        };
        let message =
            panic_location::text_of(&*payload).unwrap_or("a payload that is not a string");
        let message = bounded::cut(message);
        let location = panic_location::of(&*payload);
        // The destructor of the payload may panic, and so may the destructor of that second
        // payload. The second payload is leaked, because it cannot be dropped safely.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        Self(Arc::new(Caught { message, location }))
    }
}

impl fmt::Display for ChildPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for ChildPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildPanic")
            .field("message", &self.message())
            .field("location", &self.location())
            .finish()
    }
}

impl std::error::Error for ChildPanic {}

/// Runs user code. A panic of that code is returned as the error.
///
/// The caller must not use anything that `f` may have left half done after a panic. The callers in
/// this crate drop or replace all of it.
pub(crate) fn contain<R>(f: impl FnOnce() -> R) -> Result<R, ChildPanic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(ChildPanic::from_payload)
}

/// A value of the user whose destructor cannot unwind into its owner.
// The value is in an `Option`, because a destructor cannot move a field out in another way.
pub(crate) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn into_inner(mut self) -> T {
        self.0.take().expect("only `into_inner` and the destructor take the value out")
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect("only `into_inner` and the destructor take the value out")
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let Some(value) = self.0.take() else { return };
        // The panic hook has already printed this panic, and the owner has no use for it.
        let _ = contain(|| drop(value));
    }
}

/// Polls a future with a waker whose panic cannot unwind into the code that wakes. Many tasks may
/// wait for one event, and the panic of one waker must not keep the others from being woken.
pub(crate) async fn with_contained_waker<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    struct ContainedWaker(Contained<Waker>);

    impl Wake for ContainedWaker {
        fn wake(self: Arc<Self>) {
            // The signal thread must not run the user's waker.
            #[cfg(feature = "signal")]
            let Err(waker) = crate::put_off::put_off(self) else { return };
            #[cfg(not(feature = "signal"))]
            let waker = self;
            // The inner waker is not consumed, because clones of this one may share it.
            let _ = contain(|| waker.0.get().wake_by_ref());
        }

        fn wake_by_ref(self: &Arc<Self>) {
            Arc::clone(self).wake();
        }
    }

    // The `Arc` is kept beside the `Waker` that is made of it, because safe code cannot get it back
    // from there.
    let mut wrapper: Option<(Arc<ContainedWaker>, Waker)> = None;
    std::future::poll_fn(move |cx| {
        // Most futures here are polled twice with the same waker, so the wrapper is kept.
        let (_, waker) = match &wrapper {
            Some(known) if known.0.0.get().will_wake(cx.waker()) => known,
            _ => {
                // A panic of this clone unwinds into the task that polls, to which the waker
                // belongs.
                let new = Arc::new(ContainedWaker(Contained::new(cx.waker().clone())));
                wrapper.insert((Arc::clone(&new), Waker::from(new)))
            }
        };
        let poll: Poll<_> = future.as_mut().poll(&mut Context::from_waker(waker));
        poll
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_message() {
        assert_eq!(contain(|| panic!("plain")).unwrap_err().message(), "plain");
        assert_eq!(contain(|| panic!("with {}", 1)).unwrap_err().message(), "with 1");
        let odd = contain(|| std::panic::panic_any(7_u8)).unwrap_err();
        assert_eq!(odd.message(), "a payload that is not a string");
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_contained() {
        struct Bomb(u32);
        impl Drop for Bomb {
            fn drop(&mut self) {
                if self.0 > 0 {
                    std::panic::panic_any(Self(self.0 - 1));
                }
            }
        }
        assert!(contain(|| std::panic::panic_any(Bomb(3))).is_err());
    }

    #[test]
    fn a_contained_value_may_panic_when_dropped() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        drop(Contained::new(Bomb));
    }
}
