//! What one instance of a child knows.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::lineage::Lineage;
use super::stop::StopSignal;
use crate::exit::Exit;

/// What one instance of a child knows about itself, and how it hears that it is to stop.
///
/// Every start of a child gets a context of its own. It is cheap to clone; a clone that outlives
/// the instance keeps nothing alive and holds up nobody.
///
/// # Examples
///
/// A worker that finishes what it has in hand before it stops:
///
/// ```
/// use sage_supervisor::ChildContext;
/// use std::time::Duration;
///
/// async fn worker(ctx: ChildContext) {
///     while !ctx.is_cancelled() {
///         // one piece of work
///         tokio::time::sleep(Duration::from_millis(10)).await;
///     }
/// }
/// # let _ = worker;
/// ```
#[derive(Clone)]
pub struct ChildContext(Arc<Inner>);

struct Inner {
    name: Arc<str>,
    engine: Box<dyn Uplink>,
    restarts: u64,
    previous_exit: Option<Exit>,
    stop: StopSignal,
}

/// What an instance can say to the engine that runs it. What an instance that has ended says is not
/// heard.
pub(crate) trait Uplink: Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn lineage(&self) -> &Lineage;
    fn ready(&self);
    fn decline(&self);
}

impl ChildContext {
    pub(crate) fn new(
        name: Arc<str>,
        engine: impl Uplink + 'static,
        restarts: u64,
        previous_exit: Option<Exit>,
    ) -> Self {
        let stop = StopSignal::default();
        Self(Arc::new(Inner { name, engine: Box::new(engine), restarts, previous_exit, stop }))
    }

    pub(crate) fn uplink(&self) -> &dyn Uplink {
        &*self.0.engine
    }

    pub(crate) fn ask_to_stop(&self) {
        self.0.stop.ask();
    }

    /// The child's name, unique among its siblings.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The child's path in the tree, such as `shop/storage/writer`.
    #[must_use]
    pub fn path(&self) -> String {
        self.0.engine.lineage().join(&self.0.name)
    }

    /// How often this child has been restarted in the present run of its supervisor: 0 in its first
    /// instance. It never goes down; a restart of the whole supervisor begins anew.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.0.restarts
    }

    /// How the instance before this one ended.
    #[must_use]
    pub fn previous_exit(&self) -> Option<&Exit> {
        self.0.previous_exit.as_ref()
    }

    /// Says that this instance is ready: what is declared after it may start.
    ///
    /// It is heard once, and only of a child that [declares] readiness; otherwise it does nothing.
    ///
    /// [declares]: crate::ChildSpec::ready_within
    ///
    /// # Cancel safety
    ///
    /// Once polled, it has been said, even if this future is dropped.
    pub async fn ready(&self) {
        self.0.engine.ready();
        // Lets the engine hear it, also if the child goes on to block this thread.
        tokio::task::yield_now().await;
    }

    /// Declines to run: the child stays down, whatever its policy, without an error, and counts as
    /// started for what is declared after it. (Erlang/OTP's `ignore`.)
    ///
    /// The instance is asked to stop, and should return. It is heard only before
    /// [`ready`](Self::ready), of a child that [declares] readiness; otherwise it does nothing.
    ///
    /// [declares]: crate::ChildSpec::ready_within
    ///
    /// # Cancel safety
    ///
    /// Once polled, it has been said, even if this future is dropped.
    pub async fn decline(&self) {
        self.0.engine.decline();
        tokio::task::yield_now().await;
    }

    /// Whether this instance has been asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.stop.asked()
    }

    /// Completes when this instance is asked to stop, at once if it has been.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn cancelled(&self) {
        self.0.stop.wait().await;
    }

    /// A token that is cancelled when this instance is asked to stop, to be handed to code that
    /// takes one.
    ///
    /// Cancelling it does not stop the child.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.0.stop.token()
    }
}

impl fmt::Debug for ChildContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildContext")
            .field("path", &self.path())
            .field("restarts", &self.restarts())
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
