//! Commas that end a value, and commas that do not; values that are supervisors.

#![deny(warnings)]

use sage_supervisor::{
    DynamicSupervisor, PartitionedSupervisor, RestartConfig, Shutdown, Strategy, Supervisor,
    supervisor,
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

fn main() {
    drop(app(1, 2, 3));
    let rooms = PartitionedSupervisor::new(2, DynamicSupervisor::new);
    drop(supervisors(DynamicSupervisor::new(), &rooms));
}
