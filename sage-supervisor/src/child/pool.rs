//! Pools: several children of one supervisor that are declared by one entry.

use std::sync::Arc;

use super::settings::Pool;
use super::spec::ChildSpec;

impl ChildSpec {
    /// Declares a pool: so many children in place of one, with the names `worker-0`, `worker-1` and so on
    /// for a spec named `worker`. This is the same as if the spec were listed so many times. The children
    /// share the start function, and each learns its number from
    /// [`ChildContext::index`](crate::ChildContext::index). With 0, there is no child.
    ///
    /// The children of a pool are ordinary siblings, each with its own state, restarts and
    /// [limit](Self::restart_limit). Under [`OneForOne`](crate::Strategy::OneForOne) each is restarted by
    /// itself. Under another strategy they are restarted along like all other siblings; put the pool into a
    /// nested supervisor of its own if they are not to be. With
    /// [`stop_order`](crate::Supervisor::stop_order) they stop at once.
    ///
    /// A pool is declared before its tree starts: a spec with this setting that is given to
    /// [`start_child`](crate::SupervisorHandle::start_child) is refused as invalid, and so is a pool of
    /// supervisors, which keep state that belongs to one child, and a pool of children that a value is
    /// [lent](Self::lending) to, which one of them would hold.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, Strategy, Supervisor};
    ///
    /// async fn worker(ctx: ChildContext) {
    ///     println!("works on shard {}", ctx.index());
    ///     ctx.cancelled().await;
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = Supervisor::new(Strategy::OneForOne, RestartConfig::default())
    ///     .children([ChildSpec::new("worker", worker).instances(4)])
    ///     .start();
    /// app.started().await?;
    /// let children = app.handle().children().await?;
    /// let names = children.iter().map(|child| child.name.as_str());
    /// assert!(names.eq(["worker-0", "worker-1", "worker-2", "worker-3"]));
    /// # app.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn instances(mut self, instances: usize) -> Self {
        self.settings.more().pool = Some(Pool::Of(instances));
        self
    }

    /// Returns the number of children that the spec declares, if it declares a pool.
    pub(crate) fn pool_size(&self) -> Option<usize> {
        match self.settings.pool()? {
            Pool::Of(instances) => Some(instances),
            Pool::Member(_) => None,
        }
    }

    /// Returns whether several children may share the start function.
    pub(super) fn can_be_pooled(&self) -> bool {
        !self.lends() && !self.kind().is_supervisor()
    }

    /// Returns the number of the child in its pool; 0 without a pool.
    pub(crate) fn index(&self) -> usize {
        match self.settings.pool() {
            Some(Pool::Member(index)) => index,
            Some(Pool::Of(_)) | None => 0,
        }
    }

    /// Returns this spec with the place of `before` in a pool, unless it declares a pool itself.
    pub(crate) fn in_pool_of(self: &Arc<Self>, before: &Self) -> Arc<Self> {
        match (self.settings.pool(), before.settings.pool()) {
            (None, place @ Some(Pool::Member(_))) => {
                let mut member = self.renamed(self.name().to_owned());
                member.settings.more().pool = place;
                Arc::new(member)
            }
            _ => Arc::clone(self),
        }
    }

    /// Returns the spec of one child of the pool.
    pub(super) fn member(&self, index: usize) -> Self {
        let mut member = self.renamed(format!("{}-{index}", self.name()));
        member.settings.more().pool = Some(Pool::Member(index));
        member
    }
}
