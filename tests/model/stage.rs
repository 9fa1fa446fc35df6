//! A real tree that is built from a plan, with workers that carry out orders.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sage_supervisor::{
    Backoff, BoxError, ChildContext, ChildSpec, DynamicSupervisor, IntoChild, Order as StartOrder,
    RestartConfig, Shutdown, Supervisor,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::facts::Exit;
use crate::plan::Plan;
use crate::seen::Seen;
use crate::tree::{self, OnStop, Worker};

pub(crate) enum Order {
    Say,
    Decline,
    End(Exit),
}

/// The channels through which the living instances of the workers receive their orders.
#[derive(Clone, Default)]
pub(crate) struct Strings(Arc<Vec<Mutex<Option<UnboundedSender<Order>>>>>);

/// The parts that are needed to build a tree.
pub(crate) struct Stage {
    pub(crate) plan: Arc<Plan>,
    pub(crate) seen: Seen,
    pub(crate) strings: Strings,
    /// The dynamic supervisors of the tree, by their numbers.
    pub(crate) pools: RefCell<HashMap<usize, DynamicSupervisor>>,
}

impl Strings {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self(Arc::new(plan.units.iter().map(|_| Mutex::default()).collect()))
    }

    fn hold(&self, worker: usize, string: UnboundedSender<Order>) {
        *self.0[worker].lock().unwrap_or_else(PoisonError::into_inner) = Some(string);
    }

    /// Gives an order to the living instance of a worker.
    pub(crate) fn pull(&self, worker: usize, order: Order) {
        let string = self.0[worker].lock().unwrap_or_else(PoisonError::into_inner);
        let sent = string.as_ref().map(|string| string.send(order));
        assert!(matches!(sent, Some(Ok(()))), "it is alive");
    }
}

impl Stage {
    pub(crate) fn supervisor(&self, number: usize) -> Supervisor {
        let unit = &self.plan.units[number];
        let settings = unit.settings;
        let mut sup = Supervisor::new(settings.strategy, limit(settings))
            .auto_shutdown(settings.auto_shutdown)
            .temporary_siblings(settings.temporary_siblings)
            .keep_alive(settings.keep_alive)
            .start_order(order(settings.starts_together))
            .stop_order(order(settings.stops_together));
        if settings.limit.is_none() {
            sup = sup.unlimited_restarts();
        }
        if let Some(after) = settings.forgive_after {
            sup = sup.forgive_after(Duration::from_millis(after));
        }
        if let Some(waits) = settings.backoff {
            sup = sup.backoff(backoff(waits));
        }
        sup.children(unit.children.iter().map(|&child| self.child(child)))
    }

    /// The dynamic supervisor with this number, if the member is one.
    pub(crate) fn pool(&self, number: usize) -> Option<DynamicSupervisor> {
        self.pools.borrow().get(&number).cloned()
    }

    fn dynamic(&self, number: usize) -> DynamicSupervisor {
        let settings = self.plan.units[number].settings;
        let most = settings.dynamic.expect("it is dynamic");
        let sup = DynamicSupervisor::new().max_children(most).auto_shutdown(settings.auto_shutdown);
        let sup = match settings.limit {
            None => sup.unlimited_restarts(),
            Some(tree::DEFAULT_LIMIT) => sup,
            Some(limit) => sup.restart_limit(config(limit)),
        };
        let forgive_after = settings.forgive_after.map(Duration::from_millis).into_iter();
        let sup = forgive_after.fold(sup, DynamicSupervisor::forgive_after);
        let sup = settings.backoff.map(backoff).into_iter().fold(sup, DynamicSupervisor::backoff);
        self.pools.borrow_mut().insert(number, sup.clone());
        sup
    }

    pub(crate) fn child(&self, number: usize) -> ChildSpec {
        let unit = &self.plan.units[number];
        let name = self.plan.name(number).to_owned();
        let spec = match unit.worker {
            None if unit.settings.dynamic.is_some() => self.dynamic(number).into_child(name),
            None => self.supervisor(number).into_child(name),
            Some(worker) => {
                let (seen, strings) = (self.seen.clone(), self.strings.clone());
                let act = move |ctx| act(worker, number, seen.clone(), strings.clone(), ctx);
                match worker.on_stop {
                    Some(_) => ChildSpec::new(name, move |ctx| act(Some(ctx))),
                    None => ChildSpec::without_context(name, move || act(None)),
                }
            }
        };
        let ready_within = unit.worker.and_then(|worker| worker.ready_within);
        let spec =
            ready_within.map(Duration::from_millis).into_iter().fold(spec, ChildSpec::ready_within);
        let heartbeat = unit.worker.and_then(|worker| worker.heartbeat);
        let spec =
            heartbeat.map(Duration::from_millis).into_iter().fold(spec, ChildSpec::heartbeat);
        let spec = unit.limit.map(config).into_iter().fold(spec, ChildSpec::restart_limit);
        let forgive_after = unit.forgive_after.map(Duration::from_millis).into_iter();
        let spec = forgive_after.fold(spec, ChildSpec::forgive_after);
        let spec = unit.backoff.map(backoff).into_iter().fold(spec, ChildSpec::backoff);
        let spec = if unit.significant { spec.significant() } else { spec };
        spec.restart(unit.policy).shutdown(match unit.shutdown {
            tree::Shutdown::BrutalKill => Shutdown::BrutalKill,
            tree::Shutdown::Timeout(time) => Shutdown::Timeout(Duration::from_millis(time)),
            tree::Shutdown::Infinity => Shutdown::Infinity,
        })
    }
}

fn order(is_together: bool) -> StartOrder {
    if is_together { StartOrder::Together } else { StartOrder::InOrder }
}

fn limit(settings: tree::Settings) -> RestartConfig {
    config(settings.limit.unwrap_or((0, 1)))
}

fn backoff(tree::Backoff { step, reset_after }: tree::Backoff) -> Backoff {
    let delay = move |failures: u32| Duration::from_millis(step) * failures;
    Backoff::from(delay).reset_after(Duration::from_millis(reset_after))
}

fn config((max_restarts, within): (u32, u64)) -> RestartConfig {
    RestartConfig { max_restarts, within: Duration::from_millis(within) }
}

/// Notes the end of an instance when it is dropped.
struct Alive(usize, Seen);

impl Drop for Alive {
    fn drop(&mut self) {
        self.1.look().dropped(self.0);
    }
}

/// Runs one instance of a worker.
async fn act(
    worker: Worker,
    number: usize,
    seen: Seen,
    strings: Strings,
    ctx: Option<ChildContext>,
) -> Result<(), BoxError> {
    let (tell, mut orders) = unbounded_channel();
    strings.hold(number, tell);
    seen.look().born(number);
    let _alive = Alive(number, seen);
    if let Some(ctx) = ctx.as_ref().filter(|ctx| ctx.restarts() < worker.says.into()) {
        ctx.ready().await;
    }
    let stopped = async {
        match &ctx {
            Some(ctx) => ctx.cancelled().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        exit = obey(&mut orders, ctx.as_ref()) => return end(exit),
        () = stopped => {}
    }
    let slow = async {
        match worker.on_stop {
            Some(OnStop::Ignore) | None => std::future::pending().await,
            Some(OnStop::Obey) => Exit::Normal,
            Some(OnStop::Fail) => Exit::Error("while stopping".to_owned()),
            Some(OnStop::Panic) => Exit::Panic("while stopping".to_owned()),
            Some(OnStop::After(time)) => {
                tokio::time::sleep(Duration::from_millis(time)).await;
                Exit::Normal
            }
        }
    };
    tokio::select! {
        biased;
        exit = obey(&mut orders, ctx.as_ref()) => end(exit),
        exit = slow => end(exit),
    }
}

/// Carries out orders until one of them ends the instance.
async fn obey(orders: &mut UnboundedReceiver<Order>, ctx: Option<&ChildContext>) -> Exit {
    loop {
        match (orders.recv().await, ctx) {
            (Some(Order::End(exit)), _) => return exit,
            (Some(Order::Say), Some(ctx)) => ctx.ready().await,
            (Some(Order::Decline), Some(ctx)) => ctx.decline().await,
            (Some(Order::Say | Order::Decline), None) => {}
            (None, _) => std::future::pending().await,
        }
    }
}

fn end(exit: Exit) -> Result<(), BoxError> {
    match exit {
        Exit::Normal => Ok(()),
        Exit::Error(message) => Err(message.into()),
        Exit::Panic(message) => panic!("expected: {message}"),
        exit => unreachable!("no worker ends with {exit}"),
    }
}
