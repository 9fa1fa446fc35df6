//! Everything that the macros can write, under the denial of every lint.

use ::std::time::Duration;

use otp::{
    AutoShutdown, ChildContext, ChildSpec, Lent, RestartPolicy, Shutdown, Strategy, Supervisor,
    TemporarySiblings, child, supervisor,
};

/// Every option of a function.
#[child(
    crate = otp,
    restart = "transient",
    shutdown = "2s",
    ready_within = "1s",
    heartbeat = "10s",
    every = "5m",
    max_restarts = 3,
    within = "1m",
    forgive_after = "10s",
    backoff(initial = "1s", max = "1m", factor = 2, jitter = 0.1, reset_after = "1m"),
    significant
)]
pub async fn everything(
    ctx: ChildContext,
    name: String,
    mut count: Lent<u32>,
) -> Result<(), ::std::io::Error> {
    ctx.ready().await;
    ctx.heartbeat();
    *count += u32::try_from(name.len()).map_err(::std::io::Error::other)?;
    Ok(())
}

/// Every setting, and every option of an entry, as words.
pub fn words(name: String) -> Supervisor {
    let lent = 0_u32;
    supervisor! {
        name = "words",
        strategy = "one_for_all",
        max_restarts = 3,
        within = "5s",
        forgive_after = "2s",
        auto_shutdown = "any_significant",
        keep_alive = true,
        temporary_siblings = "remove",
        kill_grace = "2s",
        unresponsive_timeout = "1m",
        tolerate_unclean_stop = true,
        shutdown_budget = "2m",
        backoff(initial = "10ms", max = "1s", factor = 1.5, jitter = 0.5, reset_after = "30s"),

        /// A child with everything.
        #[child(
            restart = "transient",
            shutdown = "brutal_kill",
            ready_within = "1s",
            heartbeat = "10s",
            every = "5m",
            max_restarts = 2,
            within = "5s",
            backoff(initial = "10ms"),
            clone(name),
            lend(lent)
        )]
        cloned = async move |ctx| {
            drop(name);
            ctx.ready().await;
            let mut lent = lent;
            *lent += 1;
        },

        #[cfg(all())]
        #[child(restart = "temporary", significant, shutdown = "2s")]
        last = |_| async {},

        #[child(shutdown = "10s")]
        everything = everything(name, 0),

        #[child]
        nested = supervisor! {
            keep_alive = false,
            max_restarts = "unlimited",

            #[child(shutdown = "infinity")]
            one = supervisor! {
                #[child(restart = "temporary")]
                worker = async |_| {},
            },
        },
    }
}

/// Every setting, and every option of an entry, as expressions.
pub fn expressions(time: Duration, number: u32, part: f64, flag: bool) -> Supervisor {
    supervisor! {
        name = number.to_string(),
        strategy = Strategy::OneForAll,
        max_restarts = number,
        within = time,
        forgive_after = time,
        auto_shutdown = AutoShutdown::AnySignificant,
        keep_alive = flag,
        temporary_siblings = TemporarySiblings::Remove,
        kill_grace = time,
        unresponsive_timeout = time,
        tolerate_unclean_stop = flag,
        backoff(initial = time, max = time, factor = part, jitter = part, reset_after = time),

        #[child(
            restart = RestartPolicy::Transient,
            shutdown = Shutdown::Infinity,
            ready_within = time,
            heartbeat = time,
            every = time,
            max_restarts = number,
            within = time,
            forgive_after = time,
            backoff = move |failures: u32| time * failures
        )]
        one = async |ctx| {
            ctx.ready().await;
            while !ctx.is_cancelled() {
                ctx.heartbeat();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        },

        #[child(restart = RestartPolicy::Temporary, significant)]
        last = ChildSpec::new("last", |_| async {}),
    }
}

supervisor! {
    /// Every setting that a named tree can have, in public.
    ///
    /// It is documented, and nothing else that comes with it has to be.
    pub fn public(time: Duration) -> Supervisor {
        name = "public",
        strategy = "rest_for_one",
        max_restarts = 3,
        within = "5s",
        forgive_after = "2s",
        auto_shutdown = "all_significant",
        keep_alive = false,
        temporary_siblings = "restart",
        kill_grace = "2s",
        unresponsive_timeout = time,
        shutdown_budget = "1m",

        /// Runs once.
        #[cfg(all())]
        #[child(restart = "transient", shutdown = "2s", significant)]
        worker = |_| async {},

        #[child(tree, restart = "transient", significant, shutdown = "20s")]
        private = private(String::new(), 0),
    }

    #[cfg(all())]
    fn private(name: String, count: u32) -> Supervisor {
        auto_shutdown = "all_significant",

        #[child(restart = "transient", significant, clone(name, count), shutdown = "1s")]
        worker = async move |_| drop((name, count)),
    }

    /// Nobody calls it.
    #[expect(dead_code, reason = "that it may stand on a named tree")]
    fn never_called() -> Supervisor {
        #[child]
        worker = async |ctx| ctx.cancelled().await,
    }
}

#[cfg(test)]
mod tests {
    use ::std::time::Duration;

    #[tokio::test(start_paused = true)]
    async fn what_the_lints_let_pass_runs() {
        super::words("name".to_owned()).run().await.expect("it ends with its last child");
        let mut public = super::public(Duration::from_secs(30));
        public.run().await.expect("it ends with its significant children");
        let mut expressions = super::expressions(Duration::from_secs(1), 3, 1.0, true);
        expressions.run().await.expect("it ends with its last child");
    }
}
