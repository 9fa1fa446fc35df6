//! Walls around code that is not ours: a panic in it becomes a value.
//!
//! User code runs in start functions, futures, clones, destructors, and in the `Display` of errors.
//! None of it may unwind into a supervisor.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// A panic that was caught, with its message.
///
/// It is an [`Error`](std::error::Error), so it can stand in a source chain. Its text is the
/// message alone; a payload that is not a string leaves only a remark saying so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildPanic {
    message: Arc<str>,
}

impl ChildPanic {
    /// The message the panic was raised with.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    fn from_payload(payload: Box<dyn Any + Send>) -> Self {
        let message = if let Some(text) = payload.downcast_ref::<&'static str>() {
            Arc::from(*text)
        } else if let Some(text) = payload.downcast_ref::<String>() {
            Arc::from(text.as_str())
        } else {
            Arc::from("a payload that is not a string")
        };
        // The payload's own destructor may panic, and so may that panic's payload: the second one
        // is leaked rather than dropped.
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        Self { message }
    }
}

impl fmt::Display for ChildPanic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ChildPanic {}

/// Runs user code; a panic in it is the error.
///
/// Whoever calls this must not use what `f` may have left half done: everything it is used for here
/// is dropped or replaced afterwards.
pub(crate) fn contain<R>(f: impl FnOnce() -> R) -> Result<R, ChildPanic> {
    catch_unwind(AssertUnwindSafe(f)).map_err(ChildPanic::from_payload)
}

/// A value of the user's whose destructor cannot unwind into its owner.
pub(crate) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) fn into_inner(mut self) -> T {
        self.0.take().expect("emptied only here and by the destructor")
    }

    pub(crate) fn get(&self) -> &T {
        self.0.as_ref().expect("emptied only by the destructor")
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let Some(value) = self.0.take() else { return };
        // A panic here has been printed by the panic hook; there is nobody else to tell.
        let _ = contain(|| drop(value));
    }
}

/// Polls with a waker that cannot unwind into whoever wakes: many may wait for the same thing, and
/// the panic of one waker would keep the others from being woken.
pub(crate) async fn with_contained_waker<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    struct Wall(Contained<Waker>);

    impl Wake for Wall {
        fn wake(self: Arc<Self>) {
            self.wake_by_ref();
        }

        fn wake_by_ref(self: &Arc<Self>) {
            let _ = contain(|| self.0.get().wake_by_ref());
        }
    }

    let mut wall: Option<(Arc<Wall>, Waker)> = None;
    std::future::poll_fn(move |cx| {
        // Most futures here are polled twice, with the same waker.
        let (_, waker) = match &wall {
            Some(known) if known.0.0.get().will_wake(cx.waker()) => known,
            _ => {
                let new = Arc::new(Wall(Contained::new(cx.waker().clone())));
                wall.insert((Arc::clone(&new), Waker::from(new)))
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
