//! The tour: while customers order, the shop is broken in each way that it is declared to survive.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use sage_supervisor::BoxError;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::customers::Service;
use crate::fetch::fetch;
use crate::narrate::{print, say};
use crate::tally::Tally;

/// The longest time that the tour waits for an expected fact. The time is generous, and no measure of
/// speed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Tour {
    shop: SocketAddr,
    tally: watch::Receiver<Tally>,
    service: watch::Receiver<Service>,
    /// The earliest start of the next act. The pause is for the reader of the output; no act relies
    /// on it.
    next: Instant,
}

impl Tour {
    pub(crate) fn new(
        shop: SocketAddr,
        tally: watch::Receiver<Tally>,
        service: watch::Receiver<Service>,
    ) -> Self {
        Self { shop, tally, service, next: Instant::now() }
    }

    pub(crate) async fn run(mut self) -> Result<(), BoxError> {
        self.act("customers order, all is well").await;
        self.go_on().await?;

        self.act("a worker panics: it is restarted alone").await;
        self.sabotage("worker").await?;
        self.until("a worker is restarted", |tally| tally.restarts("shop/workers/") == 1).await?;
        self.go_on().await?;

        self.act("the courier's server fails: our client ends with an error").await;
        self.sabotage("client").await?;
        self.until("the client is restarted", |tally| tally.restarts("shop/partners/") == 1)
            .await?;
        self.go_on().await?;

        self.act("the writer panics in a transaction: all of storage is restarted").await;
        self.sabotage("writer").await?;
        self.until("storage is restarted", |tally| tally.restarts("shop/storage/") == 2).await?;
        self.go_on().await?;

        self.act("the courier is away: the client waits longer each time, the shop goes on").await;
        self.sabotage("partners").await?;
        self.go_on().await?;
        self.until("the client is back", |tally| tally.restarts("shop/partners/") == 1 + 3).await?;

        self.act("the shop closes, while customers still order").await;
        Ok(())
    }

    /// Announces an act, once the pause after the act before is over.
    async fn act(&mut self, title: &str) {
        sleep_until(self.next).await;
        self.next = Instant::now() + Duration::from_millis(1800);
        print("");
        say(format_args!("{title}"));
    }

    async fn sabotage(&self, what: &str) -> Result<(), BoxError> {
        let path = format!("/break/{what}");
        let (status, effect) =
            timeout(PATIENCE, fetch(Method::POST, self.shop, &path, "")).await??;
        if status != StatusCode::ACCEPTED {
            return Err(format!("POST {path}: {status}").into());
        }
        say(format_args!("  > POST {path}: {}", effect.trim()));
        Ok(())
    }

    /// Waits until `fact` holds.
    async fn until(&mut self, what: &str, fact: impl Fn(&Tally) -> bool) -> Result<(), BoxError> {
        let seen = timeout(PATIENCE, self.tally.wait_for(|tally| fact(tally))).await;
        seen.map_err(|_| format!("waited {PATIENCE:?} in vain: {what}"))??;
        Ok(())
    }

    /// Waits until customers have been answered again, which shows that the shop goes on.
    async fn go_on(&mut self) -> Result<(), BoxError> {
        let before = self.service.borrow().clone();
        let answered = |service: &Service| service.answered >= before.answered + 25;
        let after = timeout(PATIENCE, self.service.wait_for(answered)).await;
        let after = after.map_err(|_| "the shop has stopped answering")??.clone();
        let (more, all) = (after.answered - before.answered, after.answered);
        say(format_args!("  > {more} orders answered since, {all} in all"));
        Ok(())
    }
}
