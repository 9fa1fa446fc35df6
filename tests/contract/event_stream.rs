//! The events of a tree as a `Stream`, and the search for one of them (rule 33).

use std::pin::{Pin, pin};
use std::time::Duration;

use futures_core::Stream;
use sage_supervisor::{
    ChildContext, ChildSpec, Event, EventKind, Events, Lagged, RestartPolicy, Strategy,
};
use sage_supervisor_tests::{Log, Puppet, settle, supervisor};
use tokio::time::timeout;

/// The extension trait of the `futures` crates, as far as it matters here.
trait StreamExt: Stream {
    async fn next(&mut self) -> Option<Self::Item>
    where
        Self: Unpin,
    {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<S: Stream> StreamExt for S {}

type Item = Option<Result<Event, Lagged>>;

fn instance(item: Item) -> u64 {
    let event = item.expect("the tree runs").expect("nothing is missed");
    let EventKind::Started { instance, .. } = event.kind else { panic!("{event:?}") };
    instance
}

fn is_start(event: &Event) -> bool {
    matches!(event.kind, EventKind::Started { .. })
}

#[tokio::test(start_paused = true)]
async fn rule_33_a_subscription_is_a_stream_and_can_be_received_from_too() {
    fn is_stream(_: &(impl Stream<Item = Result<Event, Lagged>> + Send + Sync + Unpin)) {}
    let a = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne).children([a.spec()]).start();
    let mut events = running.handle().subscribe();
    is_stream(&events);
    assert_eq!(instance(events.next().await), 1);
    // A wait that is given up, and one in the other way, lose nothing.
    assert!(timeout(Duration::from_secs(1), events.next()).await.is_err());
    assert!(timeout(Duration::from_secs(1), events.recv()).await.is_err());
    a.fail("now");
    let exit = events.recv().await.unwrap().unwrap();
    assert!(matches!(exit.kind, EventKind::Exited { .. }));
    assert!(matches!(events.next().await.unwrap().unwrap().kind, EventKind::Restarting { .. }));
    assert_eq!(instance(events.recv().await), 2);

    let waiting = tokio::spawn(async move {
        let mut kinds = 0;
        while let Some(event) = StreamExt::next(&mut events).await {
            kinds += 1;
            drop(event.unwrap());
        }
        assert!(events.next().await.is_none() && events.recv().await.is_none());
        kinds
    });
    settle().await;
    running.shutdown().await.unwrap();
    assert_eq!(
        waiting.await.unwrap(),
        4,
        "the request, the stop, the exit, and the end of the tree"
    );
}

#[tokio::test(start_paused = true)]
async fn rule_33_what_a_slow_stream_has_missed_is_an_item() {
    let a = ChildSpec::new("a", |ctx: ChildContext| async move {
        if ctx.restarts() < 1_000 {
            return Err("again");
        }
        ctx.cancelled().await;
        Ok(())
    });
    let running = supervisor(Strategy::OneForOne).unlimited_restarts().children([a]).start();
    let mut events = running.handle().subscribe();
    settle().await;
    let lagged = events.next().await.unwrap().unwrap_err();
    assert_eq!((lagged.missed, events.missed()), (3_001 - 1_024, 3_001 - 1_024));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_33_the_first_event_that_fits_is_found() {
    let log = Log::default();
    let [a, b] = ["a", "b"].map(|name| Puppet::new(name, &log));
    let b_spec = b.spec().restart(RestartPolicy::Temporary);
    let running = supervisor(Strategy::OneForOne).children([a.spec(), b_spec]).start();
    let mut events = running.handle().subscribe();
    settle().await;
    a.fail("now");
    b.finish();
    let is_exit_of_b = |event: &Event| {
        event.child.as_deref() == Some("b") && matches!(event.kind, EventKind::Exited { .. })
    };
    assert!(events.next_matching(is_exit_of_b).await.unwrap().is_ok());
    assert_eq!(instance(events.next_matching(is_start).await), 2);
    // No event that fits is lost by a search that is given up.
    let search = async |events: &mut Events| events.next_matching(is_start).await;
    assert!(timeout(Duration::from_secs(1), pin!(search(&mut events))).await.is_err());
    a.fail("again");
    settle().await;
    assert_eq!(instance(search(&mut events).await), 3);
    running.shutdown().await.unwrap();
    assert!(events.next_matching(is_start).await.is_none());
}
