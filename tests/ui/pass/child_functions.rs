#![deny(warnings)]

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    BoxError, ChildContext, ChildSpec, RestartPolicy, Shutdown, child, supervisor,
};

#[derive(Clone)]
pub struct Db;

/// The documentation stays with the constructor.
#[child(restart = "transient", shutdown = "2s")]
pub async fn pinger(ctx: ChildContext, db: Db, every: Duration) -> Result<(), BoxError> {
    drop(db);
    tokio::time::timeout(every, ctx.cancelled()).await?;
    Ok(())
}

#[child]
async fn plain(ctx: ChildContext) {
    ctx.cancelled().await;
}

#[child(restart = RestartPolicy::Temporary, shutdown = Shutdown::BrutalKill)]
pub(crate) async fn expressions(_: ChildContext, mut count: u32, (a, b): (u8, u8), _: Arc<str>) {
    count += u32::from(a) + u32::from(b);
    assert_eq!(count, 6);
}

#[child]
async fn generic<T, const N: usize>(_: ChildContext, values: [T; N], shown: impl Display + Clone + Send + Sync + 'static)
where
    T: Clone + Send + Sync + 'static,
{
    assert_eq!(values.len(), N);
    println!("{shown}");
}

#[child(shutdown = "infinity")]
#[expect(unused_variables, reason = "attributes pass through")]
async fn attributes(ctx: ChildContext, unused: &'static str) -> ! {
    loop {
        std::future::pending::<()>().await;
    }
}

/// An argument may have the name of the function.
#[child]
async fn job(ctx: ChildContext, job: String) {
    drop((ctx, job));
}

mod constants {
    use super::{ChildContext, child};

    #[allow(non_upper_case_globals, dead_code)]
    const ctx: u8 = 1;
    #[allow(non_upper_case_globals, dead_code)]
    const argument_1: u8 = 1;

    #[child]
    pub async fn unaffected(_: ChildContext, _: u8) {}

    #[child]
    pub async fn without_arguments(_: ChildContext) {}
}

mod renamed {
    pub use sage_supervisor as facade;

    #[super::child(crate = facade)]
    pub async fn through_the_facade(_: facade::ChildContext, r#type: u8) {
        assert_eq!(r#type, 5);
    }
}

struct Worker;

impl Worker {
    #[child]
    async fn associated(_: ChildContext, worker: u8) {
        assert_eq!(worker, 1);
    }
}

fn main() {
    let pinger = pinger(Db, Duration::from_secs(1));
    assert_eq!(pinger.name(), "pinger");
    assert_eq!(pinger.restart_policy(), RestartPolicy::Transient);
    assert_eq!(pinger.shutdown_setting(), Shutdown::Timeout(Duration::from_secs(2)));
    assert_eq!(plain().restart_policy(), RestartPolicy::Permanent);
    assert_eq!(Worker::associated(1).name(), "associated");
    assert_eq!(attributes("x").shutdown_setting(), Shutdown::Infinity);

    assert_eq!(job("x".into()).name(), "job");
    drop((constants::unaffected(1), constants::without_arguments()));

    let specs: [ChildSpec; 3] = [
        expressions(1, (2, 3), Arc::from("x")),
        generic([1, 2], "x"),
        renamed::through_the_facade(5),
    ];
    drop(supervisor! {
        #[child]
        pinger = pinger,

        #[child(restart = "permanent")]
        slow = self::pinger(Db, Duration::from_secs(60)),

        #[child]
        plain = plain(),
    }.children(specs));
}
