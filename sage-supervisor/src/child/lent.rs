//! Values that the instances of a child hold in turn.
//!
//! A value has a home in the spec, which outlives every run. Each start takes it out, and whoever
//! drops the guard puts it back, wherever that happens.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::context::ChildContext;
use super::outcome::Outcome;
use super::spec::ChildSpec;
use crate::contain::Contained;
use crate::exit::{Exit, StartFailure};

/// A value that the present instance of a child holds, and no other: it has been lent to it.
///
/// It goes back when this guard is dropped: at the end of the instance, in a panic, on an abort. The
/// next instance finds it as it was left, also when the supervisor has been rebuilt or
/// [run](crate::Supervisor::run) again. So a mailbox survives its reader, and a cache its worker.
///
/// It may be moved elsewhere, also into another task. If it has not come back when the next instance
/// is due, that is a failed start: [`StartFailure::LentValueMissing`].
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, Lent, RestartConfig, RestartPolicy};
/// use sage_supervisor::{Strategy, Supervisor};
/// use tokio::sync::mpsc;
///
/// async fn reader(_: ChildContext, mut inbox: Lent<mpsc::Receiver<&'static str>>) {
///     while let Some(order) = inbox.recv().await {
///         assert_ne!(order, "poison"); // a panic: the next instance reads on behind it
///         println!("{order}");
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (orders, inbox) = mpsc::channel(8);
/// for order in ["tea", "poison", "cake"] {
///     orders.send(order).await?;
/// }
/// drop(orders);
/// let reader = ChildSpec::lending("reader", inbox, reader).restart(RestartPolicy::Transient);
/// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
/// app.children([reader]).run().await?;
/// # Ok(())
/// # }
/// ```
pub struct Lent<T> {
    /// Taken by the destructor.
    value: Option<T>,
    home: Home<T>,
    last_holder_panicked: bool,
}

impl<T> Lent<T> {
    /// Whether the last one to hold the value panicked: the instance before this one, however much
    /// of it was unwound, or whoever it had moved the value to. What it was about to change in the
    /// value may be half done then. The first instance has nobody before it.
    ///
    /// It is an associated function, so that it hides no method of `T`.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, Lent};
    ///
    /// async fn worker(ctx: ChildContext, mut cache: Lent<Vec<u32>>) {
    ///     if Lent::last_holder_panicked(&cache) {
    ///         cache.clear();
    ///     }
    ///     ctx.cancelled().await;
    /// }
    /// # let _ = worker;
    /// ```
    #[must_use]
    pub fn last_holder_panicked(lent: &Self) -> bool {
        lent.last_holder_panicked
    }

    /// Goes back as if it had never been lent.
    fn unused(self) {
        self.home.room().holder_panicked = self.last_holder_panicked;
    }
}

impl<T> Deref for Lent<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value.as_ref().expect("taken only by the destructor")
    }
}

impl<T> DerefMut for Lent<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.value.as_mut().expect("taken only by the destructor")
    }
}

impl<T> Drop for Lent<T> {
    fn drop(&mut self) {
        let mut room = self.home.room();
        room.value = self.value.take().map(Contained::new);
        room.holder_panicked |= std::thread::panicking();
    }
}

impl<T: fmt::Debug> fmt::Debug for Lent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: fmt::Display> fmt::Display for Lent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Where a value is when nobody holds it. It is dropped here, and may panic at that.
///
/// A loan is made of a value that is `Send`. Its home says so, so that one that is not is reported
/// once, where it is named.
type Home<T> = Arc<dyn Door<T> + Send + Sync>;

trait Door<T> {
    fn room(&self) -> MutexGuard<'_, Room<T>>;
}

struct Room<T> {
    value: Option<Contained<T>>,
    /// Whether somebody panicked who has held it since it was last lent.
    holder_panicked: bool,
}

impl<T> Door<T> for Mutex<Room<T>> {
    fn room(&self) -> MutexGuard<'_, Room<T>> {
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value that is given to a child to be lent.
#[cfg_attr(not(feature = "macros"), expect(unreachable_pub, reason = "for the macros"))]
pub struct Loan<T>(Home<T>);

impl<T> Loan<T> {
    pub(crate) fn new(value: T) -> Self
    where
        T: Send + 'static,
    {
        let value = Some(Contained::new(value));
        Self(Arc::new(Mutex::new(Room { value, holder_panicked: false })))
    }

    /// Unless somebody still holds it.
    fn lend(&self) -> Option<Lent<T>> {
        let mut room = self.0.room();
        let value = Some(room.value.take()?.into_inner());
        let last_holder_panicked = std::mem::take(&mut room.holder_panicked);
        drop(room);
        Some(Lent { value, home: Arc::clone(&self.0), last_holder_panicked })
    }
}

impl<T> fmt::Debug for Loan<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loan").finish_non_exhaustive()
    }
}

/// `(a, (b, ()))`: what is lent to one child, all of it or nothing.
#[cfg_attr(not(feature = "macros"), expect(unreachable_pub, reason = "for the macros"))]
pub trait Loans {
    /// `(Lent<A>, (Lent<B>, ()))`
    type Values;

    /// All of it, unless somebody still holds some.
    fn lend(&self) -> Option<Self::Values>;

    /// Notes that somebody panicked who held it.
    fn holder_panicked(&self);
}

impl Loans for () {
    type Values = ();

    fn lend(&self) -> Option<()> {
        Some(())
    }

    fn holder_panicked(&self) {}
}

impl<T, Rest: Loans> Loans for (Loan<T>, Rest) {
    type Values = (Lent<T>, Rest::Values);

    fn lend(&self) -> Option<Self::Values> {
        let first = self.0.lend()?;
        let Some(rest) = self.1.lend() else {
            first.unused();
            return None;
        };
        Some((first, rest))
    }

    fn holder_panicked(&self) {
        self.0.0.room().holder_panicked = true;
        self.1.holder_panicked();
    }
}

/// Who lends, whatever that is.
pub(crate) trait Lender: Send + Sync {
    /// An instance panicked. The guard may not have seen it: a future that panics is dropped later,
    /// and what was not in the frames below its own is dropped only then.
    fn holder_panicked(&self);
}

impl<L: Loans + Send + Sync> Lender for L {
    fn holder_panicked(&self) {
        Loans::holder_panicked(self);
    }
}

pub(crate) fn lending<L, F, Fut>(name: String, loans: L, start: F) -> ChildSpec
where
    L: Loans + Send + Sync + 'static,
    F: Fn(ChildContext, L::Values) -> Fut,
    F: Send + Sync + 'static,
    Fut: Future + Send + 'static,
    Fut::Output: Outcome,
{
    let (loans, start) = (Arc::new(loans), Contained::new(start));
    let lender = Arc::clone(&loans);
    let start = move |ctx| match loans.lend() {
        Some(values) => Ok(start.get()(ctx, values)),
        None => Err(Exit::FailedStart(StartFailure::LentValueMissing)),
    };
    ChildSpec::starting_with(name, start).lent_by(lender)
}
