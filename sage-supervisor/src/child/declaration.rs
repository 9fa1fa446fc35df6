//! The declaration of a supervisor: its settings and its children, in start order.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Scope;
use super::kind::Kind;
use super::partition::Partition;
use super::spec::ChildSpec;
use crate::backoff::Backoff;
use crate::error::{InvalidTree, InvalidTreeKind};
use crate::lineage::Lineage;
use crate::policy::name::first_hidden;
use crate::policy::{
    AutoShutdown, Order, RestartConfig, RestartPolicy, Shutdown, Strategy, TemporarySiblings,
};

/// The deepest nesting of supervisors that is accepted. Trees of a few levels are common. The limit
/// bounds the functions that recurse once for each level.
const DEEPEST: usize = 256;

/// A supervisor as it was declared. The declaration outlives every run of the supervisor.
#[derive(Clone)]
pub(crate) struct Declaration {
    pub(crate) name: Option<Arc<str>>,
    /// The path of the function that declares a named tree. A root without a name is named after
    /// the function.
    pub(crate) function: Option<&'static str>,
    pub(crate) strategy: Strategy,
    pub(crate) start_order: Order,
    pub(crate) stop_order: Order,
    /// The restart limit, or `None` if restarts are unlimited.
    pub(crate) limit: Option<RestartConfig>,
    /// `true` if somebody has set the limit, so that it also counts the restarts that a backoff delays.
    is_limit_set: bool,
    /// The time that an instance has to be up for the restarts before it to be forgiven, or `None` if
    /// they are not.
    pub(crate) forgive_after: Option<Duration>,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) temporary_siblings: TemporarySiblings,
    pub(crate) keep_alive: bool,
    pub(crate) tolerate_unclean_stop: bool,
    pub(crate) backoff: Option<Backoff>,
    /// Whether instances have spans, or `None` if the parent decides.
    pub(crate) child_spans: Option<bool>,
    /// The kill grace, or `None` if the supervisor has its parent's.
    pub(crate) kill_grace: Option<Duration>,
    /// The unresponsive timeout, or `None` if the supervisor has its parent's.
    pub(crate) unresponsive_timeout: Option<Duration>,
    pub(crate) children: Vec<Arc<ChildSpec>>,
    /// The number of levels of supervisors, this one included.
    levels: usize,
    /// `true` if a supervisor was left out because it would have been nested too deep.
    is_too_deep: bool,
    /// The settings of a dynamic supervisor, or `None` if the children are fixed.
    pub(crate) dynamic: Option<Dynamic>,
    /// The runs of this declaration, and of the copies that a later change of a setting makes of it.
    runs: Arc<Runs>,
}

/// The settings that only a dynamic supervisor has.
#[derive(Clone)]
pub(crate) struct Dynamic {
    pub(crate) max_children: usize,
    /// The place among the partitions of a partitioned supervisor, if the supervisor is one of them.
    pub(crate) partition: Option<Partition>,
    pub(crate) current_run: Arc<CurrentRun>,
}

/// The present run of a dynamic supervisor, by which its clones reach it.
#[derive(Default)]
pub(crate) struct CurrentRun(Mutex<Option<Arc<Scope>>>);

impl CurrentRun {
    pub(crate) fn set(&self, run: Arc<Scope>) {
        let earlier = self.0.lock().unwrap_or_else(PoisonError::into_inner).replace(run);
        // The earlier run is dropped outside of the lock: it may hold an error of the user, whose
        // destructor may ask for the present run.
        drop(earlier);
    }

    pub(crate) fn get(&self) -> Option<Arc<Scope>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ChildSpec {
    /// The longest time that an instance may take to stop; `Duration::MAX` without a bound.
    pub(crate) fn longest_stop(&self) -> Duration {
        let below = match self.kind() {
            Kind::Supervisor(nested) => nested.longest_stop(),
            _ => Duration::MAX,
        };
        match self.shutdown_setting().normalised() {
            Shutdown::BrutalKill => Duration::ZERO,
            Shutdown::Timeout(time) => time.min(below),
            Shutdown::Infinity => below,
        }
    }
}

impl Declaration {
    pub(crate) fn new(strategy: Strategy, limit: RestartConfig) -> Self {
        Self {
            name: None,
            function: None,
            strategy,
            start_order: Order::DEFAULT,
            stop_order: Order::DEFAULT,
            limit: Some(limit),
            is_limit_set: limit != RestartConfig::DEFAULT,
            forgive_after: None,
            auto_shutdown: AutoShutdown::Never,
            temporary_siblings: TemporarySiblings::Restart,
            keep_alive: false,
            tolerate_unclean_stop: false,
            backoff: None,
            child_spans: None,
            kill_grace: None,
            unresponsive_timeout: None,
            children: Vec::new(),
            levels: 1,
            is_too_deep: false,
            dynamic: None,
            runs: Arc::default(),
        }
    }

    /// Sets the restart limit, or removes it.
    pub(crate) fn set_limit(&mut self, limit: Option<RestartConfig>) {
        self.limit = limit;
        self.is_limit_set = true;
    }

    /// Returns whether a restart with this delay counts for the restart limit. A dependency may be away
    /// for longer than a default can know, so a restart that is delayed counts for a limit only that
    /// somebody has set.
    pub(crate) fn counts_restart(&self, delay: Duration) -> bool {
        self.is_limit_set || delay.is_zero()
    }

    /// Adds children at the end of the order.
    ///
    /// A supervisor that would be nested too deep is dropped, and reported when the tree is validated.
    /// Many levels would overflow the stack when they are dropped, which nobody can prevent later.
    pub(crate) fn add(&mut self, children: impl IntoIterator<Item = ChildSpec>) {
        let children = children.into_iter();
        self.children.reserve(children.size_hint().0);
        for child in children {
            match child.pool_size() {
                Some(instances) if child.can_be_pooled() => {
                    self.children.extend((0..instances).map(|index| Arc::new(child.member(index))));
                }
                // The validation refuses what cannot be a pool.
                _ => self.add_one(child),
            }
        }
    }

    fn add_one(&mut self, child: ChildSpec) {
        if let Kind::Supervisor(nested) = child.kind() {
            self.is_too_deep |= nested.is_too_deep || nested.levels == DEEPEST;
            if nested.levels == DEEPEST {
                return;
            }
            self.levels = self.levels.max(nested.levels + 1);
        }
        self.children.push(Arc::new(child));
    }

    /// Puts `spec` in the place of the child of its name. Returns the spec that was there, if there is
    /// such a child.
    pub(crate) fn replace(&mut self, spec: Arc<ChildSpec>) -> Option<Arc<ChildSpec>> {
        let place = self.children.iter_mut().find(|child| child.name() == spec.name())?;
        Some(std::mem::replace(place, spec))
    }

    /// Returns whether the restart limits of two declarations are the same, and count the same.
    pub(crate) fn has_same_limit(&self, other: &Self) -> bool {
        self.limit == other.limit && self.is_limit_set == other.is_limit_set
    }

    /// Returns this declaration with other children, for a run of the declaration `before`. The run keeps
    /// its name.
    pub(super) fn in_the_run_of(&self, before: &Self, children: Vec<Arc<ChildSpec>>) -> Self {
        let (name, runs) = (before.name.clone(), Arc::clone(&before.runs));
        Self { name, runs, children, ..self.clone() }
    }

    /// Checks this declaration for the run of a supervisor at `lineage`, with everything below.
    pub(crate) fn validate_at(&self, lineage: &Lineage) -> Result<(), InvalidTree> {
        if self.validate_below(lineage, lineage.depth())? {
            self.listed_once(lineage, &mut HashSet::new())?;
        }
        Ok(())
    }

    /// The name of the supervisor as the root of a tree.
    pub(crate) fn root_name(&self) -> Arc<str> {
        let function = || self.function.and_then(|path| path.rsplit("::").next());
        self.name.clone().unwrap_or_else(|| Arc::from(function().unwrap_or("root")))
    }

    /// The longest time that the declared children may take to stop; `Duration::MAX` without a bound.
    fn longest_stop(&self) -> Duration {
        if self.dynamic.is_some() {
            return Duration::MAX;
        }
        let times = self.children.iter().map(|child| child.longest_stop());
        match self.stop_order {
            Order::InOrder => times.fold(Duration::ZERO, Duration::saturating_add),
            Order::Together => times.max().unwrap_or_default(),
        }
    }

    /// The runs of this declaration that may not be over.
    pub(crate) fn runs(&self) -> &Runs {
        &self.runs
    }

    /// Checks the whole tree before anything starts. The error names the first rule that is broken.
    pub(crate) fn validate(&self) -> Result<(), InvalidTree> {
        let name = self.root_name();
        let root = Lineage::root(Arc::clone(&name));
        valid_name(&name).map_err(|kind| InvalidTree { path: root.to_string(), kind })?;
        if self.validate_below(&root, 1)? {
            self.listed_once(&root, &mut HashSet::new())?;
        }
        Ok(())
    }

    /// Checks the supervisor at `lineage` and everything below it. Returns `true` if any child is a
    /// supervisor, so that the caller can skip a second pass: most supervisors have no nested ones,
    /// and may have very many children.
    fn validate_below(&self, lineage: &Lineage, depth: usize) -> Result<bool, InvalidTree> {
        let broken = |kind| InvalidTree { path: lineage.to_string(), kind };
        if depth > DEEPEST || self.is_too_deep {
            return Err(broken(InvalidTreeKind::TooDeep(DEEPEST)));
        }
        if self.limit.is_some_and(|limit| limit.within.is_zero()) {
            return Err(broken(InvalidTreeKind::ZeroWindow));
        }
        if self.forgive_after.is_some_and(|time| time.is_zero()) {
            return Err(broken(InvalidTreeKind::ZeroForgiveAfter));
        }
        if let Some(fault) = self.backoff.as_ref().and_then(Backoff::fault) {
            return Err(broken(InvalidTreeKind::InvalidBackoff(fault)));
        }
        let mut names = HashSet::with_capacity(self.children.len());
        let mut nested = Vec::new();
        for child in &self.children {
            self.valid_child(child.name(), child).map_err(broken)?;
            if !names.insert(child.name()) {
                return Err(broken(InvalidTreeKind::DuplicateName(child.name().to_owned())));
            }
            if child.kind().is_supervisor() {
                nested.push(child);
            }
        }
        for child in &nested {
            validate_nested(child, &child.shared_name(), lineage, depth)?;
        }
        Ok(!nested.is_empty())
    }

    /// Checks that each dynamic supervisor in this tree is listed only once, because all of its
    /// clones reach it in one place.
    fn listed_once(
        &self,
        lineage: &Lineage,
        listed: &mut HashSet<*const CurrentRun>,
    ) -> Result<(), InvalidTree> {
        let mut nested = self.children.iter().filter(|child| child.kind().is_supervisor());
        nested
            .try_for_each(|child| nested_listed_once(child, &child.shared_name(), lineage, listed))
    }

    /// Checks a child that is to be added under `name` to the run of this supervisor at `lineage`,
    /// and everything below the child. Other children may share the child's spec (`is_shared`). The
    /// caller wrote the name `written`, which is `name` itself or the name that `name` was made
    /// from; errors quote it.
    pub(crate) fn validate_child(
        &self,
        lineage: &Lineage,
        name: &Arc<str>,
        written: &str,
        child: &ChildSpec,
        is_shared: bool,
    ) -> Result<(), InvalidTree> {
        let broken = |kind| InvalidTree { path: lineage.to_string(), kind };
        self.valid_child(written, child).map_err(broken)?;
        if is_shared && matches!(child.kind(), Kind::Supervisor(_)) {
            return Err(broken(InvalidTreeKind::SharedSupervisor));
        }
        if is_shared && child.lends() {
            return Err(broken(InvalidTreeKind::SharedLentValue(written.to_owned())));
        }
        validate_nested(child, name, lineage, lineage.depth())?;
        // The tree above is not searched, because the engine refuses a dynamic supervisor that is
        // running.
        nested_listed_once(child, name, lineage, &mut HashSet::new())
    }

    fn valid_child(&self, name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
        valid_name(name)?;
        valid_tree(name, child)?;
        if child.is_wrongly_a_process() {
            return Err(InvalidTreeKind::NotAProcess(name.to_owned()));
        }
        valid_pool(name, child)?;
        valid_readiness(name, child)?;
        valid_heartbeat(name, child)?;
        child.valid_period(name)?;
        valid_restarts(name, child)?;
        self.valid_significance(name, child)
    }

    fn valid_significance(&self, name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
        if !child.is_significant() {
            return Ok(());
        }
        if child.restart_policy() == RestartPolicy::Permanent {
            return Err(InvalidTreeKind::SignificantPermanent(name.to_owned()));
        }
        if self.auto_shutdown == AutoShutdown::Never {
            return Err(InvalidTreeKind::SignificantWithoutAutoShutdown(name.to_owned()));
        }
        Ok(())
    }
}

/// Checks everything below the child `name`, whose supervisor is at `lineage`, `depth` levels deep.
fn validate_nested(
    child: &ChildSpec,
    name: &Arc<str>,
    lineage: &Lineage,
    depth: usize,
) -> Result<(), InvalidTree> {
    match child.kind() {
        Kind::Supervisor(declaration) => {
            declaration.validate_below(&lineage.below(Arc::clone(name)), depth + 1).map(drop)
        }
        _ => Ok(()),
    }
}

/// Checks that neither the child `name` of the supervisor at `lineage` nor anything below it is a
/// dynamic supervisor that is in `listed` already.
fn nested_listed_once(
    child: &ChildSpec,
    name: &Arc<str>,
    lineage: &Lineage,
    listed: &mut HashSet<*const CurrentRun>,
) -> Result<(), InvalidTree> {
    let Kind::Supervisor(declaration) = child.kind() else { return Ok(()) };
    let lineage = lineage.below(Arc::clone(name));
    if let Some(dynamic) = &declaration.dynamic {
        // All clones of a dynamic supervisor share one `CurrentRun`, whose address therefore
        // identifies the supervisor.
        if !listed.insert(Arc::as_ptr(&dynamic.current_run)) {
            let path = lineage.to_string();
            return Err(InvalidTree { path, kind: InvalidTreeKind::ListedTwice });
        }
    }
    declaration.listed_once(&lineage, listed)
}

fn valid_name(name: &str) -> Result<(), InvalidTreeKind> {
    if name.is_empty() {
        return Err(InvalidTreeKind::EmptyName);
    }
    // Most names are ASCII, and checking their bytes is faster.
    let is_bad = if name.is_ascii() {
        name.bytes().any(|byte| byte == b'/' || byte.is_ascii_control())
    } else {
        name.contains(|c: char| c == '/' || c.is_control()) || first_hidden(name).is_some()
    };
    if is_bad {
        return Err(InvalidTreeKind::InvalidName(name.to_owned()));
    }
    Ok(())
}

fn valid_tree(name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
    let Some(checked) = child.checked_tree() else { return Ok(()) };
    match child.kind() {
        // The path of a function is unique, so it identifies the tree that was checked at compile
        // time.
        Kind::Supervisor(declaration) if declaration.function == Some(checked) => Ok(()),
        _ => Err(InvalidTreeKind::TreeMismatch(name.to_owned(), checked)),
    }
}

fn valid_pool(name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
    match child.pool_size() {
        None => Ok(()),
        Some(_) if child.lends() => Err(InvalidTreeKind::PoolOfLentValue(name.to_owned())),
        Some(_) if !child.can_be_pooled() => {
            Err(InvalidTreeKind::PoolOfSupervisors(name.to_owned()))
        }
        Some(_) => Err(InvalidTreeKind::PoolAtRunTime(name.to_owned())),
    }
}

fn valid_readiness(name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
    match child.ready_within_setting() {
        Some(_) if !child.can_be_ready() => {
            Err(InvalidTreeKind::ReadyWithoutContext(name.to_owned()))
        }
        None if child.shows_readiness() => Err(InvalidTreeKind::ReadyWithoutTime(name.to_owned())),
        Some(Duration::ZERO) => Err(InvalidTreeKind::ZeroReadyWithin(name.to_owned())),
        None | Some(_) => Ok(()),
    }
}

fn valid_heartbeat(name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
    match child.heartbeat_setting() {
        Some(_) if !child.has_context() => {
            Err(InvalidTreeKind::HeartbeatWithoutContext(name.to_owned()))
        }
        Some(Duration::ZERO) => Err(InvalidTreeKind::ZeroHeartbeat(name.to_owned())),
        None | Some(_) => Ok(()),
    }
}

fn valid_restarts(name: &str, child: &ChildSpec) -> Result<(), InvalidTreeKind> {
    if child.restart_limit_setting().is_some_and(|limit| limit.within.is_zero()) {
        return Err(InvalidTreeKind::ZeroChildWindow(name.to_owned()));
    }
    if child.forgive_after_setting().is_some_and(|time| time.is_zero()) {
        return Err(InvalidTreeKind::ZeroChildForgiveAfter(name.to_owned()));
    }
    match child.backoff_setting().and_then(Backoff::fault) {
        Some(fault) => Err(InvalidTreeKind::InvalidChildBackoff(name.to_owned(), fault)),
        None => Ok(()),
    }
}

/// The runs of one declaration that may still have something alive.
///
/// A run can outlive its owner: the future of the run may have been dropped, or a task in it may
/// not have ended. The next run finds it here and waits for it, so that no child is ever alive
/// twice.
///
/// Earlier runs as the same child are always waited for. An earlier run as another child is waited
/// for only if it is ending. Otherwise the declaration is listed twice, and the new run is refused.
#[derive(Default)]
pub(crate) struct Runs(Mutex<Vec<Run>>);

struct Run {
    /// The token that is cancelled once nothing of the run is alive.
    vacated: CancellationToken,
    /// The child that the run was started as, which is dangling at the root. The weak pointer keeps
    /// the allocation, so that no other child can get the same address.
    entry: Weak<ChildSpec>,
    run: Weak<Scope>,
}

/// The error of a declaration that already runs in a place of its own, in a run that neither has ended
/// nor has been told to end.
pub(crate) enum RunsElsewhere {
    /// The other run, and this one, are those of one root.
    Root,
    /// At least one of the two runs is nested.
    Nested,
}

impl Runs {
    /// Returns the tokens of the runs that are not over yet.
    pub(crate) fn unfinished(&self) -> Vec<CancellationToken> {
        let runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        runs.iter().map(|run| run.vacated.clone()).collect()
    }

    /// Enters a new run. Returns the tokens of the earlier runs that are not over yet, which the
    /// new run has to wait for.
    pub(crate) fn enter(
        &self,
        vacated: CancellationToken,
        entry: Weak<ChildSpec>,
        run: Weak<Scope>,
    ) -> Result<Vec<CancellationToken>, RunsElsewhere> {
        // The check and the entry of the new run are one step under the lock: two runs that start
        // at the same moment see each other.
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Runs with nothing alive need no waiting, and are forgotten.
        runs.retain(|run| !run.vacated.is_cancelled());
        // Only a run that is about to end may be waited for. A run of another child or root that goes
        // on would keep the new one waiting for ever.
        let is_root = |entry: &Weak<ChildSpec>| entry.ptr_eq(&Weak::new());
        let stays = |run: &Scope| !run.is_ending() && !run.has_ended();
        for run in &*runs {
            let is_same_child = run.entry.ptr_eq(&entry) && !is_root(&entry);
            if !is_same_child && run.run.upgrade().is_some_and(|run| stays(&run)) {
                let is_root = is_root(&entry) && is_root(&run.entry);
                return Err(if is_root { RunsElsewhere::Root } else { RunsElsewhere::Nested });
            }
        }
        // The tokens are collected before the new run is added, because a run cannot wait for
        // itself.
        let earlier = runs.iter().map(|run| run.vacated.clone()).collect();
        runs.push(Run { vacated, entry, run });
        Ok(earlier)
    }
}
