//! The equality of declared children and supervisors, as far as it can be known.
//!
//! A start function has no equality. Two functions of one type are the same if they capture nothing, or if
//! what they capture has the same version.

use std::any::TypeId;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroU64;
use std::sync::Arc;

use super::declaration::Declaration;
use super::kind::{Kind, TaskStart};
use super::spec::ChildSpec;
use crate::backoff::Backoff;

impl ChildSpec {
    /// Sets the version of what the start function captures, such as the part of a configuration that the
    /// child is made from.
    ///
    /// A [reload](crate::SupervisorHandle::reload) compares a declared child with the running one. A start
    /// function that captures nothing, such as a named `async fn`, is known to be the same; one that captures
    /// values cannot be compared, so that such a child counts as changed and is replaced, unless both have an
    /// equal version. The same holds for the driver of a process and for its test of a line. Two specs with
    /// equal versions have to do the same. The version has no other effect. A hash of it is kept.
    ///
    /// # Examples
    ///
    /// ```
    /// use sage_supervisor::{ChildContext, ChildSpec};
    ///
    /// #[derive(Clone, Hash)]
    /// struct Listener {
    ///     port: u16,
    /// }
    ///
    /// async fn listen(ctx: ChildContext, config: Listener) {
    ///     println!("listening on {}", config.port);
    ///     ctx.cancelled().await;
    /// }
    ///
    /// fn listener(config: Listener) -> ChildSpec {
    ///     let version = config.clone();
    ///     ChildSpec::new("listener", move |ctx| listen(ctx, config.clone())).version(version)
    /// }
    /// # drop(listener(Listener { port: 80 }));
    /// ```
    pub fn version(mut self, version: impl Hash) -> Self {
        // The keys of this hasher are fixed, so equal values give equal hashes in every run.
        let mut hasher = DefaultHasher::new();
        version.hash(&mut hasher);
        self.settings.more().version = NonZeroU64::new(hasher.finish()).or(Some(NonZeroU64::MIN));
        self
    }

    /// Notes the type of the start function as it was given.
    pub(super) fn started_by<F>(mut self) -> Self {
        self.settings.captures_nothing = size_of::<F>() == 0;
        self
    }

    /// Returns whether two declared children are known to be the same. Their names are not compared.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || (self.has_same_settings(other) && self.has_same_start(other))
    }

    fn has_same_settings(&self, other: &Self) -> bool {
        self.restart_policy() == other.restart_policy()
            && self.shutdown_setting() == other.shutdown_setting()
            && self.is_significant() == other.is_significant()
            && self.starts_once() == other.starts_once()
            && self.settings.has_same_rare_settings(&other.settings)
    }

    fn has_same_start(&self, other: &Self) -> bool {
        if let (Kind::Supervisor(one), Kind::Supervisor(other)) = (self.kind(), other.kind()) {
            return one.is_same(other);
        }
        let is_same_type = start_type(self).is_some() && start_type(self) == start_type(other);
        // The values that two equal functions capture are not known, so only a version can tell.
        let is_same_value = match (self.settings.version(), other.settings.version()) {
            (None, None) => self.settings.captures_nothing,
            (one, other) => one == other,
        };
        is_same_type && is_same_value
    }

    /// Returns this child, in the place of `before`, as a reload leaves it: a child that is known to be the
    /// same is the one that was there, and a nested supervisor that stays has its children compared in turn.
    fn reloaded(self: &Arc<Self>, before: &Arc<Self>) -> Arc<Self> {
        if before.is_same(self) {
            return Arc::clone(before);
        }
        match (before.kind(), self.kind()) {
            (Kind::Supervisor(one), Kind::Supervisor(other)) if one.goes_on_as(other) => {
                Arc::new(self.redeclared(Arc::new(other.reloaded(one))))
            }
            _ => Arc::clone(self),
        }
    }

    /// Returns whether a running supervisor can go on as `next`, with other settings and children.
    pub(crate) fn goes_on_as(&self, next: &Self) -> bool {
        match (self.kind(), next.kind()) {
            (Kind::Supervisor(one), Kind::Supervisor(other)) => one.goes_on_as(other),
            _ => false,
        }
    }
}

impl Declaration {
    /// Returns whether a running supervisor can go on as `next`. All handles of a dynamic supervisor reach
    /// one run, so another dynamic supervisor is another child. So is the same one as another partition,
    /// because its children have names that do not belong there.
    fn goes_on_as(&self, next: &Self) -> bool {
        match (&self.dynamic, &next.dynamic) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.partition == other.partition
                    && Arc::ptr_eq(&one.current_run, &other.current_run)
            }
            _ => false,
        }
    }

    /// Returns whether two declarations are known to be the same, with everything below.
    fn is_same(&self, other: &Self) -> bool {
        let is_same_child = |(one, other): (&Arc<ChildSpec>, &Arc<ChildSpec>)| {
            one.name() == other.name() && one.is_same(other)
        };
        self.goes_on_as(other)
            && self.has_same_settings(other)
            && self.children.len() == other.children.len()
            && self.children.iter().zip(&other.children).all(is_same_child)
    }

    fn has_same_settings(&self, other: &Self) -> bool {
        let most = |declaration: &Self| declaration.dynamic.as_ref().map(|it| it.max_children);
        let is_same_backoff = match (&self.backoff, &other.backoff) {
            (None, None) => true,
            (Some(one), Some(other)) => Backoff::is_same(one, other),
            _ => false,
        };
        is_same_backoff
            && self.has_same_limit(other)
            && self.function == other.function
            && self.strategy == other.strategy
            && (self.start_order, self.stop_order) == (other.start_order, other.stop_order)
            && self.forgive_after == other.forgive_after
            && self.auto_shutdown == other.auto_shutdown
            && self.temporary_siblings == other.temporary_siblings
            && self.keep_alive == other.keep_alive
            && self.child_spans == other.child_spans
            && self.tolerate_unclean_stop == other.tolerate_unclean_stop
            && self.kill_grace == other.kill_grace
            && self.unresponsive_timeout == other.unresponsive_timeout
            && most(self) == most(other)
    }
}

fn start_type(spec: &ChildSpec) -> Option<TypeId> {
    match spec.kind() {
        Kind::Task(TaskStart::WithContext(start)) => Some((**start).start_type()),
        Kind::Task(TaskStart::WithoutContext(start)) => Some((**start).start_type()),
        Kind::Thread(start) => Some((**start).start_type()),
        #[cfg(feature = "process")]
        Kind::Process(start) => Some((**start).start_type()),
        Kind::Supervisor(_) => None,
    }
}

impl Declaration {
    /// Returns this declaration as a reload leaves it, in a run of the declaration `before`: children that
    /// are known to be the same are those that were there.
    pub(crate) fn reloaded(&self, before: &Self) -> Self {
        let present: std::collections::HashMap<_, _> =
            before.children.iter().map(|child| (child.name(), child)).collect();
        let children = self.children.iter().map(|child| {
            present.get(child.name()).map_or_else(|| Arc::clone(child), |it| child.reloaded(it))
        });
        self.in_the_run_of(before, children.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::child::ChildContext;
    use crate::policy::RestartPolicy;
    use crate::{BlockingContext, RestartConfig, Strategy, Supervisor};

    async fn one(_: ChildContext) {}
    async fn other(_: ChildContext) {}
    fn thread(_: BlockingContext) {}
    fn is_final(_: &std::fmt::Error) -> bool {
        true
    }
    fn custom(_: u32) -> Duration {
        Duration::ZERO
    }

    fn closure() -> ChildSpec {
        ChildSpec::new("a", async |_| {})
    }

    fn capturing(value: u32) -> ChildSpec {
        ChildSpec::new("a", move |_| async move { assert!(value > 0) })
    }

    #[test]
    fn children_are_the_same_if_nothing_can_tell_them_apart() {
        let spec = || ChildSpec::new("a", one);
        let second = Duration::from_secs(1);
        let limit = RestartConfig { max_restarts: 1, within: second };
        let pointer: fn(ChildContext) -> std::future::Ready<()> = |_| std::future::ready(());
        let backoff = Backoff::from(|_: u32| Duration::ZERO);
        let table = [
            (true, spec(), spec()),
            (true, spec(), ChildSpec::new("b", one)),
            (false, spec(), ChildSpec::new("a", other)),
            (false, closure(), ChildSpec::new("a", async |_| {})),
            (true, closure(), closure()),
            (true, ChildSpec::blocking("a", thread), ChildSpec::blocking("a", thread)),
            (false, spec(), ChildSpec::blocking("a", thread)),
            (false, capturing(1), capturing(1)),
            (true, capturing(1).version(1), capturing(1).version(1)),
            (false, capturing(1).version(1), capturing(2).version(2)),
            (false, capturing(1).version(1), capturing(1)),
            (false, spec().version(1), spec().version(2)),
            (false, ChildSpec::new("a", pointer), ChildSpec::new("a", pointer)),
            (true, spec().restart(RestartPolicy::Permanent), spec()),
            (false, spec().restart(RestartPolicy::Transient), spec()),
            (false, spec().shutdown(second), spec()),
            (false, spec().significant(), spec()),
            (false, spec().ready_within(second), spec()),
            (true, spec().ready_within(second), spec().ready_within(second)),
            (false, spec().heartbeat(second), spec().heartbeat(2 * second)),
            (false, spec().every(second), spec()),
            (false, spec().every(second), spec().every(2 * second)),
            (true, spec().every(second), spec().every(second)),
            (false, spec().restart_limit(limit), spec()),
            (false, spec().forgive_after(second), spec()),
            (false, spec().backoff(Backoff::exponential(second)), spec()),
            (
                true,
                spec().backoff(Backoff::exponential(second)),
                spec().backoff(Backoff::exponential(second)),
            ),
            (true, spec().backoff(backoff.clone()), spec().backoff(backoff)),
            (true, spec().backoff(custom), spec().backoff(custom)),
            (true, spec().give_up_if(is_final), spec().give_up_if(is_final)),
            (false, spec().give_up_if(is_final), spec()),
            (false, spec().give_up_if(is_final), spec().give_up_if(|_: &std::fmt::Error| true)),
            (false, spec().backoff(move |_: u32| second), spec().backoff(move |_: u32| second)),
            (
                false,
                spec().backoff(|_: u32| Duration::ZERO),
                spec().backoff(|_: u32| Duration::ZERO),
            ),
        ];
        for (number, (expected, one, other)) in table.into_iter().enumerate() {
            assert_eq!(one.is_same(&other), expected, "row {number}");
            assert_eq!(other.is_same(&one), expected, "row {number}, the other way round");
        }
    }

    fn tree(strategy: Strategy, port: u32, name: &str) -> Supervisor {
        let inner = Supervisor::new(strategy, RestartConfig::default())
            .children([capturing(port).version(port)])
            .child(name, one);
        Supervisor::new(Strategy::OneForOne, RestartConfig::default()).child("inner", inner)
    }

    #[test]
    fn supervisors_are_the_same_with_everything_below() {
        let before = tree(Strategy::OneForOne, 1, "b").into_declaration();
        let table = [
            (true, tree(Strategy::OneForOne, 1, "b")),
            (false, tree(Strategy::OneForAll, 1, "b")),
            (false, tree(Strategy::OneForOne, 2, "b")),
            (false, tree(Strategy::OneForOne, 1, "c")),
            (false, tree(Strategy::OneForOne, 1, "b").child("more", one)),
        ];
        for (number, (expected, next)) in table.into_iter().enumerate() {
            let next = next.into_declaration();
            assert_eq!(before.is_same(&next), expected, "row {number}");
            let reloaded = next.reloaded(&before);
            assert!(reloaded.is_same(&next), "row {number}");
            let is_kept = Arc::ptr_eq(&reloaded.children[0], &before.children[0]);
            assert_eq!(is_kept, expected || number == 4, "row {number}");
        }
    }
}
