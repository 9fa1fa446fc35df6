//! A tree in two forms: declared as const data, and built for the engine.

use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy as Generator};
use proptest::prop_oneof;

use sage_supervisor::expansion::{
    DeclaredBackoff, Setting, WrittenChild, WrittenStart, WrittenTree,
};
use sage_supervisor::{
    AutoShutdown, Backoff, ChildSpec, DeclaredTree, IntoChild, Order, RestartConfig, RestartPolicy,
    Shutdown, Strategy, Supervisor,
};
use sage_supervisor_tests::{limit, supervisor};

/// A supervisor. A field that is `None` is not written in the declaration.
#[derive(Clone, Debug)]
pub(crate) struct Sup {
    pub(crate) strategy: Option<Strategy>,
    /// The limit. `Some(None)` means that restarts are unlimited.
    pub(crate) max_restarts: Option<Option<u32>>,
    /// The window of the limit, in milliseconds.
    pub(crate) within: Option<u64>,
    pub(crate) delays: Option<Delays>,
    /// The time in milliseconds after which restarts are forgiven.
    pub(crate) forgive_after: Option<u64>,
    pub(crate) kill_grace: Option<u64>,
    pub(crate) stop: Option<Order>,
    /// The children. Each is named by its place: `0`, `1`, ..
    pub(crate) children: Vec<Child>,
}

#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) restart: Option<RestartPolicy>,
    pub(crate) shutdown: Option<Shutdown>,
    pub(crate) significant: bool,
    /// The number of restarts within a minute that the child's own limit allows.
    pub(crate) own: Option<u32>,
    pub(crate) delays: Option<Delays>,
    /// The nested supervisor, or `None` for a worker.
    pub(crate) nested: Option<Sup>,
}

/// A backoff without jitter. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delays {
    pub(crate) initial: u64,
    pub(crate) max: u64,
    pub(crate) factor: u32,
    pub(crate) reset_after: u64,
}

impl Delays {
    fn declared(delays: Option<Self>) -> Setting<DeclaredBackoff> {
        written(delays.map(|Self { initial, max, factor, reset_after }| DeclaredBackoff {
            initial_ms: initial,
            max_ms: max,
            factor: f64::from(factor),
            jitter: 0.0,
            reset_after_ms: reset_after,
        }))
    }

    fn built(self) -> Backoff {
        Backoff::exponential(Duration::from_millis(self.initial))
            .max(Duration::from_millis(self.max))
            .factor(f64::from(self.factor))
            .jitter(0.0)
            .reset_after(Duration::from_millis(self.reset_after))
    }
}

fn written<T>(option: Option<T>) -> Setting<T> {
    option.map_or(Setting::Unset, Setting::Known)
}

/// Leaks a text, because const data live for ever.
fn kept(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

impl Sup {
    /// The declaration that a macro would write.
    pub(crate) fn declared(&self) -> DeclaredTree<'static> {
        let children = self.children.iter().enumerate();
        let children = children.map(|(place, child)| child.declared(place)).collect::<Vec<_>>();
        WrittenTree {
            name: "root",
            own_name: Setting::Unset,
            function: None,
            description: "",
            strategy: written(self.strategy),
            max_restarts: written(self.max_restarts),
            within_ms: written(self.within),
            kill_grace_ms: written(self.kill_grace),
            children: Box::leak(children.into_boxed_slice()),
        }
        .declare()
        .delayed(Delays::declared(self.delays))
        .forgiving(written(self.forgive_after))
        .ordered(Setting::Unset, written(self.stop))
    }

    /// The supervisor that a macro would build. `worker` receives the path of each worker, and sets
    /// nothing but its behaviour.
    pub(crate) fn built(&self, worker: &mut dyn FnMut(&str) -> ChildSpec) -> Supervisor {
        self.built_at("", worker)
    }

    fn built_at(&self, above: &str, worker: &mut dyn FnMut(&str) -> ChildSpec) -> Supervisor {
        let mut built = supervisor(self.strategy.unwrap_or_default());
        let RestartConfig { mut max_restarts, mut within } = RestartConfig::default();
        if let Some(milliseconds) = self.within {
            within = Duration::from_millis(milliseconds);
        }
        if let Some(Some(most)) = self.max_restarts {
            max_restarts = most;
        }
        built = match (self.max_restarts, self.within) {
            (None, None) => built,
            (Some(None), _) => built.unlimited_restarts(),
            _ => built.restart_limit(RestartConfig { max_restarts, within }),
        };
        if let Some(delays) = self.delays {
            built = built.backoff(delays.built());
        }
        if let Some(after) = self.forgive_after {
            built = built.forgive_after(Duration::from_millis(after));
        }
        if let Some(grace) = self.kill_grace {
            built = built.kill_grace(Duration::from_millis(grace));
        }
        if let Some(order) = self.stop {
            built = built.stop_order(order);
        }
        if self.children.iter().any(|child| child.significant) {
            built = built.auto_shutdown(AutoShutdown::AnySignificant);
        }
        let children = self.children.iter().enumerate();
        built.children(children.map(|(place, child)| child.built_at(above, place, worker)))
    }

    /// The paths of the workers of the tree.
    pub(crate) fn workers(&self) -> Vec<String> {
        let mut paths = Vec::new();
        // Only the names are needed here.
        drop(self.built(&mut |path| {
            paths.push(path.to_owned());
            ChildSpec::without_context("", || async {})
        }));
        paths
    }

    /// The supervisors on the way to the worker at `path`, the root first, each with the entry on
    /// the way.
    pub(crate) fn way_to<'a>(&'a self, path: &str) -> Vec<(&'a Self, &'a Child)> {
        let mut at = Some(self);
        path.split('/')
            .map(|name| {
                let sup = at.expect("the way goes on");
                let child = &sup.children[name.parse::<usize>().expect("a place")];
                at = child.nested.as_ref();
                (sup, child)
            })
            .collect()
    }
}

impl Child {
    fn declared(&self, place: usize) -> sage_supervisor::DeclaredChild<'static> {
        WrittenChild {
            name: kept(place.to_string()),
            description: "",
            restart: written(self.restart),
            shutdown: written(self.shutdown),
            significant: self.significant,
            start: match &self.nested {
                Some(nested) => WrittenStart::Nested(nested.declared()),
                None => WrittenStart::Closure,
            },
        }
        .declare()
        .delayed(Delays::declared(self.delays))
    }

    fn built_at(
        &self,
        above: &str,
        place: usize,
        worker: &mut dyn FnMut(&str) -> ChildSpec,
    ) -> ChildSpec {
        let path = format!("{above}{place}");
        let mut spec = match &self.nested {
            Some(nested) => {
                nested.built_at(&format!("{path}/"), worker).into_child(place.to_string())
            }
            None => worker(&path).into_child(place.to_string()),
        };
        if let Some(policy) = self.restart {
            spec = spec.restart(policy);
        }
        if let Some(shutdown) = self.shutdown {
            spec = spec.shutdown(shutdown);
        }
        if let Some(most) = self.own {
            spec = spec.restart_limit(limit(most));
        }
        if let Some(delays) = self.delays {
            spec = spec.backoff(delays.built());
        }
        if self.significant { spec.significant() } else { spec }
    }
}

pub(crate) fn strategies() -> impl Generator<Value = Option<Strategy>> + Clone {
    option::of(prop_oneof![
        Just(Strategy::OneForOne),
        Just(Strategy::OneForAll),
        Just(Strategy::RestForOne),
    ])
}

/// Random trees of these supervisors, with at most `depth` levels.
pub(crate) fn trees<S>(
    depth: u32,
    sup: impl Fn() -> S + Clone + 'static,
    worker: impl Generator<Value = Child> + Clone + 'static,
    entry: impl Generator<Value = Child> + Clone + 'static,
) -> impl Generator<Value = Sup>
where
    S: Generator<Value = Sup> + 'static,
{
    let of = move |children: proptest::strategy::BoxedStrategy<Child>| {
        (sup(), vec(children, 1..=4)).prop_map(|(sup, children)| Sup { children, ..sup })
    };
    let mut trees = of.clone()(worker.clone().boxed()).boxed();
    for _ in 1..depth {
        let nested =
            (entry.clone(), trees).prop_map(|(entry, sup)| Child { nested: Some(sup), ..entry });
        trees = of(prop_oneof![3 => worker.clone(), 2 => nested].boxed()).boxed();
    }
    trees
}
