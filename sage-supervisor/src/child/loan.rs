//! A lent value that its owner can have back.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};

use super::lent::{Claim, ClaimCount, LockSlot, Place, SharedSlot, Slot, note_change};
use crate::contain::Contained;

/// A value to be lent to a child, which its owner can have back.
///
/// A child is lent the value by [`ChildSpec::lending_from`], or by `lend(name)` in
/// [`supervisor!`](macro@crate::supervisor), where the variable stays usable afterwards. The instances
/// of the child hold the value in turn, as a [`Lent`], in the same way as a value that was given to
/// [`ChildSpec::lending`]. What they have left in the value can be taken back when the tree has ended:
/// a mailbox with the messages that nobody has handled, or a cache to be saved.
///
/// When [`RunningSupervisor::shutdown`], [`wait`](crate::RunningSupervisor::wait),
/// [`Supervisor::run`] or [`run_until_signal`](crate::RunningSupervisor::run_until_signal) has
/// returned, however the tree has ended, no child holds the value any more, and
/// [`take`](Self::take) returns it. There are three exceptions: a task or thread that was reported as
/// unresponsive still has the value, a guard may have been moved elsewhere, and the value may have been
/// taken before. A tree that was dropped instead ends on its own behind its owner's back; then
/// [`returned`](Self::returned) waits for the value.
///
/// A clone is another handle to the same value. A loan that is dropped leaves the value with the
/// children that it is lent to.
///
/// # Examples
///
/// A mailbox whose unhandled orders are saved after the shutdown:
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, Lent, Loan, RestartConfig, Strategy, Supervisor};
/// use std::time::Duration;
/// use tokio::sync::mpsc;
///
/// async fn cook(ctx: ChildContext, mut inbox: Lent<mpsc::Receiver<&'static str>>) {
///     while let Some(Some(order)) = ctx.token().run_until_cancelled(inbox.recv()).await {
///         println!("{order} is served");
///         tokio::time::sleep(Duration::from_secs(1)).await;
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (orders, inbox) = mpsc::channel(8);
/// let inbox = Loan::new(inbox);
/// let kitchen = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
///     .children([ChildSpec::lending_from("cook", &inbox, cook)])
///     .start();
/// for order in ["tea", "cake", "soup"] {
///     orders.send(order).await?;
/// }
/// tokio::time::sleep(Duration::from_millis(1500)).await;
/// kitchen.shutdown().await?;
///
/// let mut inbox = inbox.take().expect("the kitchen is closed");
/// inbox.close();
/// let mut saved = vec![];
/// while let Some(order) = inbox.recv().await {
///     saved.push(order);
/// }
/// assert_eq!(saved, ["soup"]);
/// # Ok(())
/// # }
/// ```
///
/// [`ChildSpec::lending`]: crate::ChildSpec::lending
/// [`ChildSpec::lending_from`]: crate::ChildSpec::lending_from
/// [`Lent`]: crate::Lent
/// [`RunningSupervisor::shutdown`]: crate::RunningSupervisor::shutdown
/// [`Supervisor::run`]: crate::Supervisor::run
pub struct Loan<T>(SharedSlot<T>);

impl<T> Loan<T> {
    /// Takes a value that is to be lent.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::Loan;
    ///
    /// let count = Loan::new(7);
    /// assert_eq!(count.take(), Some(7));
    /// ```
    #[must_use]
    pub fn new(value: T) -> Self
    where
        T: Send + 'static, // the instances of a child hold the value in turn, each in a task of its own
    {
        Self(Arc::new(Counted { slot: Slot::new(value), claims: ClaimCount::default() }))
    }

    /// Takes the value back, unless somebody holds it at this moment or it has been taken before.
    ///
    /// The children that the value is lent to cannot be started any more: their starts fail with
    /// [`StartFailure::LentValueMissing`], until a value is [put](Self::put) in its place. The value may
    /// be taken while the tree runs, between two instances of a child; [`returned`](Self::returned) does
    /// not do that.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::Loan;
    ///
    /// let count = Loan::new(7);
    /// assert_eq!(count.take(), Some(7));
    /// assert_eq!(count.take(), None);
    /// ```
    ///
    /// [`StartFailure::LentValueMissing`]: crate::StartFailure::LentValueMissing
    #[must_use = "the value is dropped otherwise"]
    pub fn take(&self) -> Option<T> {
        // The lock is released at the end of this statement.
        let value = self.0.lock_slot().take(Place::Taken)?;
        note_change(&*self.0);
        Some(value)
    }

    /// Waits until the value is lent to no child any more, and takes it back. Returns `None` if it has
    /// been taken before.
    ///
    /// The value is lent to a child for as long as the spec of the child exists: until a tree that was
    /// [started](crate::Supervisor::start) has ended, or a [`Supervisor`](crate::Supervisor) that is not
    /// running has been dropped. A child that was added to a running tree may be removed before that; a
    /// removed child that its tree was declared with still counts. A guard that was moved elsewhere is
    /// waited for as well. A value that has not been lent is returned at once.
    ///
    /// # Cancel safety
    ///
    /// The method is cancel safe: a future that is dropped has not taken the value.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildSpec, Lent, Loan, RestartConfig, Strategy, Supervisor};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// let count = Loan::new(0);
    /// let spec = ChildSpec::lending_from("counter", &count, |ctx, mut count: Lent<u32>| async move {
    ///     *count += 1;
    ///     ctx.cancelled().await;
    /// });
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default()).children([spec]);
    /// let running = app.start();
    /// running.started().await.unwrap();
    /// # tokio::task::yield_now().await;
    /// drop(running); // the tree ends on its own, and nobody waits for its end
    /// assert_eq!(count.returned().await, Some(1));
    /// # }
    /// ```
    pub async fn returned(&self) -> Option<T> {
        let Some(claims) = self.0.claims() else { return self.take() };
        loop {
            // The waiter is registered before anything is looked at, so that no change is missed.
            let mut changed = pin!(claims.changed.notified());
            changed.as_mut().enable();
            if claims.count.load(Ordering::Acquire) == 0 {
                let mut slot = self.0.lock_slot();
                if !matches!(slot.place, Place::Held) {
                    let value = slot.take(Place::Taken);
                    drop(slot);
                    note_change(&*self.0);
                    return value;
                }
            }
            changed.await;
        }
    }

    /// Puts a value in the place of one that has been taken. It is lent from the next start on, as if it
    /// had not been lent before.
    ///
    /// # Errors
    ///
    /// Returns the value that was to be put if another one is still there, or somebody holds it.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::Loan;
    ///
    /// let count = Loan::new(7);
    /// assert_eq!(count.put(8), Err(8));
    /// assert_eq!(count.take(), Some(7));
    /// assert_eq!(count.put(8), Ok(()));
    /// assert_eq!(count.take(), Some(8));
    /// ```
    pub fn put(&self, value: T) -> Result<(), T> {
        let mut slot = self.0.lock_slot();
        if !matches!(slot.place, Place::Taken) {
            drop(slot);
            return Err(value);
        }
        slot.place = Place::Here(Contained::new(value));
        slot.holder_panicked = false;
        Ok(())
    }

    /// Returns `true` if the last holder of the value panicked, as
    /// [`Lent::last_holder_panicked`](crate::Lent::last_holder_panicked) does. A change of the value may
    /// then be half done. The answer is for a value that nobody holds, and stays the same after the value
    /// has been taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::Loan;
    ///
    /// let count = Loan::new(7);
    /// assert!(!count.last_holder_panicked(), "it has had no holder");
    /// ```
    #[must_use]
    pub fn last_holder_panicked(&self) -> bool {
        self.0.lock_slot().holder_panicked
    }

    /// Makes a claim of a child to the value.
    pub(crate) fn claim(&self) -> Claim<T> {
        Claim::to(Arc::clone(&self.0))
    }
}

impl<T> Clone for Loan<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Loan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").finish_non_exhaustive()
    }
}

/// A slot whose owner can ask for the value.
struct Counted<T> {
    slot: Mutex<Slot<T>>,
    claims: ClaimCount,
}

impl<T> LockSlot<T> for Counted<T> {
    fn lock_slot(&self) -> MutexGuard<'_, Slot<T>> {
        self.slot.lock_slot()
    }

    fn claims(&self) -> Option<&ClaimCount> {
        Some(&self.claims)
    }
}
