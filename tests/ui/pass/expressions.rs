//! Commas that end a value, and commas that do not; values that are supervisors; which expression
//! comes before which.

#![deny(warnings)]

use std::cell::RefCell;
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, DynamicSupervisor, PartitionedSupervisor, RestartConfig,
    RestartPolicy, Shutdown, Strategy, Supervisor, supervisor,
};

fn app(n: u8, fast: u8, slow: u8) -> Supervisor {
    supervisor! {
        max_restarts = n as u32 * if fast < slow { 1 } else { 2 },
        within = "5s",

        #[child(
            shutdown = if n as u32 + 1 < 5 { Shutdown::Infinity } else { Shutdown::BrutalKill },
            restart = "transient",
        )]
        first = async |#[allow(unused_variables)] ctx| {},

        #[child]
        second = <Worker as Makes<u8, u16>>::worker,
    }
}

fn supervisors(sessions: DynamicSupervisor, rooms: &PartitionedSupervisor) -> Supervisor {
    let supervisor = supervisor! {
        #[child(restart = "permanent")]
        sessions = sessions.clone(),

        #[child]
        made_here = DynamicSupervisor::new().max_children(5),

        #[child]
        rooms = rooms.clone(),

        #[child]
        indexed = PartitionedSupervisor::indexed(2, |index| {
            DynamicSupervisor::new().max_children(index + 1)
        }),

        #[child]
        plain = Supervisor::new(Strategy::OneForAll, RestartConfig::default()).keep_alive(true),
    };
    drop(sessions);
    supervisor
}

struct Worker;

trait Makes<A, B> {
    fn worker(ctx: sage_supervisor::ChildContext) -> impl Future<Output = ()> + Send + 'static;
}

impl Makes<u8, u16> for Worker {
    async fn worker(ctx: sage_supervisor::ChildContext) {
        ctx.cancelled().await;
    }
}

/// A start before its options, wherever they are written.
fn order() {
    let seen = RefCell::new(Vec::new());
    fn see<T>(seen: &RefCell<Vec<&str>>, what: &'static str, value: T) -> T {
        seen.borrow_mut().push(what);
        value
    }
    let spec = |name| ChildSpec::new(name, async |ctx: ChildContext| ctx.cancelled().await);
    drop(supervisor! {
        kill_grace = see(&seen, "kill_grace", Duration::from_secs(1)),
        name = see(&seen, "name", "app"),
        within = see(&seen, "within", Duration::from_secs(1)),
        max_restarts = see(&seen, "max_restarts", 3),
        strategy = see(&seen, "strategy", Strategy::OneForOne),

        #[child(
            shutdown = see(&seen, "shutdown", Shutdown::Infinity),
            restart = see(&seen, "restart", RestartPolicy::Permanent),
        )]
        first = see(&seen, "first", spec("first")),

        #[child]
        second = see(&seen, "second", spec("second")),
    });
    let settings = ["strategy", "max_restarts", "within", "name", "kill_grace"];
    let children = ["first", "restart", "shutdown", "second"];
    assert_eq!(seen.into_inner(), [&settings[..], &children].concat());
}

fn main() {
    order();
    drop(app(1, 2, 3));
    let rooms = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    drop(supervisors(DynamicSupervisor::new(), &rooms));
}
