//! Values that are lent to a child (rule 32).

use std::cell::Cell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, Exit, InvalidTreeKind, Lent,
    RestartPolicy, SageError, Shutdown, StartFailure, Strategy, Supervisor, supervisor,
};
use sage_supervisor_tests::{
    Gated, Log, OnStop, Puppet, Recorder, limit, quiet_panics, settle, supervisor,
};
use tokio::sync::{mpsc, oneshot};

const SECOND: Duration = Duration::from_secs(1);

/// The findings of each instance: the starts before it, and whether the last holder of the value
/// panicked.
type Found = mpsc::UnboundedReceiver<(Vec<usize>, bool)>;

/// A child that is lent the list of its starts, appends its own start, and then obeys its puppet.
fn listed(puppet: &Puppet) -> (ChildSpec, Found) {
    let (tell, found) = mpsc::unbounded_channel();
    let (puppet, name) = (puppet.clone(), puppet.name());
    let spec = ChildSpec::lending(name, vec![], move |ctx, mut starts: Lent<Vec<usize>>| {
        let (puppet, tell) = (puppet.clone(), tell.clone());
        async move {
            tell.send((starts.clone(), Lent::last_holder_panicked(&starts))).unwrap();
            starts.push(puppet.starts() + 1);
            puppet.act_with(ctx).await
        }
    });
    (spec, found)
}

fn all(found: &mut Found) -> Vec<(Vec<usize>, bool)> {
    std::iter::from_fn(|| found.try_recv().ok()).collect()
}

fn is_missing(exit: &Exit) -> bool {
    matches!(exit, Exit::FailedStart(StartFailure::LentValueMissing))
}

/// A child whose first instance gives the lent value away and ends as soon as it is ready. Later
/// instances stay.
fn careless(name: &str) -> (ChildSpec, mpsc::UnboundedReceiver<Lent<u32>>) {
    let (escape, escaped) = mpsc::unbounded_channel();
    let spec = ChildSpec::lending(name, 7, move |ctx: ChildContext, mut value: Lent<u32>| {
        let escape = escape.clone();
        async move {
            ctx.ready().await;
            *value += 1;
            if *value == 8 {
                escape.send(value).unwrap();
            } else {
                ctx.cancelled().await;
            }
        }
    });
    (spec, escaped)
}

#[tokio::test(start_paused = true)]
async fn rule_32_the_next_instance_finds_it_as_the_last_has_left_it() {
    quiet_panics();
    let log = Log::default();
    let puppet = Puppet::new("a", &log);
    let (spec, mut found) = listed(&puppet);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    puppet.started(1).await;
    puppet.finish();
    puppet.started(2).await;
    puppet.fail("gone");
    puppet.started(3).await;
    puppet.panic("expected: gone");
    puppet.started(4).await;
    running.handle().restart_child("a").await.unwrap();
    puppet.started(5).await;
    let seen = [
        (vec![], false),
        (vec![1], false),
        (vec![1, 2], false),
        (vec![1, 2, 3], true),
        (vec![1, 2, 3, 4], false),
    ];
    assert_eq!(all(&mut found), seen);
    assert_eq!(puppet.peak(), 1);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_comes_back_on_an_abort() {
    for shutdown in [Shutdown::BrutalKill, Shutdown::Timeout(SECOND)] {
        let puppet = Puppet::with("a", &Log::default(), OnStop::Ignore);
        let (spec, mut found) = listed(&puppet);
        let running = supervisor(Strategy::OneForOne).children([spec.shutdown(shutdown)]).start();
        puppet.started(1).await;
        running.handle().restart_child("a").await.unwrap();
        puppet.started(2).await;
        assert_eq!(all(&mut found), [(vec![], false), (vec![1], false)]);
        running.kill().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_survives_its_supervisor() {
    quiet_panics();
    let puppet = Puppet::new("a", &Log::default());
    let (spec, mut found) = listed(&puppet);
    let inner = Supervisor::new(Strategy::OneForOne, limit(0)).children([spec]);
    let running = supervisor(Strategy::OneForOne).child("inner", inner).start();
    puppet.started(1).await;
    puppet.fail("the inner one gives up");
    puppet.started(2).await;
    puppet.panic("expected: and once more");
    puppet.started(3).await;
    assert_eq!(all(&mut found), [(vec![], false), (vec![1], false), (vec![1, 2], true)]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_is_there_for_the_next_run() {
    let puppet = Puppet::new("a", &Log::default());
    let (spec, mut found) = listed(&puppet);
    let spec = spec.restart(RestartPolicy::Temporary);
    let mut tree = supervisor(Strategy::OneForOne).children([spec]);
    puppet.finish();
    tree.run().await.unwrap();
    tokio::select! {
        ended = tree.run() => panic!("{ended:?}"),
        () = puppet.started(2) => {} // the run is dropped at the end of `select!`
    }
    puppet.finish();
    tree.run().await.unwrap();
    assert_eq!(all(&mut found), [(vec![], false), (vec![1], false), (vec![1, 2], false)]);
    assert_eq!(puppet.peak(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_need_be_neither_sync_nor_clone() {
    type Tools = (Cell<u32>, Box<dyn FnMut() -> u32 + Send>);
    let mut numbers = 41_u32..;
    let tools = (Cell::new(0), Box::new(move || numbers.next().unwrap()) as Box<_>);
    let (tell, mut told) = mpsc::unbounded_channel();
    let spec = ChildSpec::lending("a", tools, move |_, mut tools: Lent<Tools>| {
        let tell = tell.clone();
        async move {
            let (count, next) = &mut *tools;
            count.set(count.get() + 1);
            tell.send((count.get(), next())).unwrap();
            if count.get() < 2 { Err("not yet") } else { Ok(()) }
        }
    });
    let tree = supervisor(Strategy::OneForOne);
    tree.children([spec.restart(RestartPolicy::Transient)]).run().await.unwrap();
    assert_eq!([told.recv().await, told.recv().await], [Some((1, 41)), Some((2, 42))]);
}

/// The first exit leads to a restart. This start fails, and so do all further ones until the
/// restart limit is reached.
#[tokio::test(start_paused = true)]
async fn rule_32_one_that_has_escaped_makes_starts_fail_which_count() {
    let (spec, mut escaped) = careless("a");
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let mut tree = Supervisor::new(Strategy::OneForOne, limit(3)).children([spec]);
    let ended = tokio::time::timeout(SECOND, tree.run()).await.expect("it does not hang");
    let error = ended.unwrap_err();
    let SageError::Supervisor(reached) = &error else { panic!("{error}") };
    assert!(is_missing(&reached.exit), "{error}");
    let missing = "a: failed start: a lent value is still held elsewhere";
    assert_eq!(recorder.exits(), ["a: normal", missing, missing, missing]);
    // The value that comes back is unchanged.
    let value = escaped.recv().await.unwrap();
    assert_eq!(*value, 8);
    drop(value);
    assert!(tokio::time::timeout(SECOND, tree.run()).await.is_err(), "it stays up");
    settle().await;
    assert_eq!(recorder.exits(), ["a: killed"]);
}

/// The missing value is reported as a failed start, and not as an exit before readiness.
#[tokio::test(start_paused = true)]
async fn rule_32_one_that_has_escaped_is_a_failed_start_of_a_child_that_says_when_it_is_ready() {
    let (spec, mut escaped) = careless("a");
    let spec = spec.restart(RestartPolicy::Temporary).ready_within(SECOND);
    let mut tree = supervisor(Strategy::OneForOne).children([spec]);
    tree.run().await.unwrap();
    let error = tree.run().await.unwrap_err();
    let SageError::FailedStart(failed) = &error else { panic!("{error}") };
    assert!(is_missing(&failed.exit), "{error}");
    drop(escaped.recv().await);
    assert!(tokio::time::timeout(SECOND, tree.run()).await.is_err(), "it stays up");
}

#[tokio::test(start_paused = true)]
async fn rule_32_a_start_by_hand_answers_that_the_value_is_missing() {
    let (spec, mut escaped) = careless("a");
    let spec = spec.restart(RestartPolicy::Temporary).ready_within(SECOND);
    let running = supervisor(Strategy::OneForOne).children([spec]).keep_alive(true).start();
    let value = escaped.recv().await.unwrap();
    settle().await;
    let refused = running.handle().restart_child("a").await.unwrap_err();
    assert!(
        matches!(&refused, CommandError::FailedStart { exit, .. } if is_missing(exit)),
        "{refused}"
    );
    drop(value);
    running.handle().restart_child("a").await.unwrap();
    running.shutdown().await.unwrap();
}

/// A child without readiness has started as soon as its task is spawned, even while the supervisor
/// still waits for other children.
#[tokio::test(start_paused = true)]
async fn rule_32_a_start_that_goes_on_is_not_ended_by_one_that_is_missing() {
    let log = Log::default();
    let (spec, mut escaped) = careless("a");
    let gated = Gated::new("gated", &log);
    let spec = spec.restart(RestartPolicy::Transient);
    let children = [spec, gated.spec().restart(RestartPolicy::Temporary)];
    let mut tree = Supervisor::new(Strategy::OneForOne, limit(2)).children(children);
    gated.open();
    let (ended, ()) = tokio::join!(tree.run(), async {
        gated.puppet.started(1).await;
        settle().await;
        gated.puppet.finish();
    });
    ended.unwrap();
    gated.shut();
    let ended = tokio::time::timeout(SECOND, tree.run()).await.expect("it does not hang");
    let error = ended.unwrap_err();
    let SageError::Supervisor(reached) = &error else { panic!("{error}") };
    assert!(is_missing(&reached.exit), "{error}");
    assert_eq!(*escaped.recv().await.unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn rule_32_one_that_is_asked_to_stop_before_it_has_begun_has_not_failed() {
    let (spec, mut escaped) = careless("a");
    let recorder = Recorder::default();
    let _guard = tracing::subscriber::set_default(recorder.clone());
    let spec = spec.restart(RestartPolicy::Temporary);
    let running = supervisor(Strategy::OneForOne).children([spec]).keep_alive(true).start();
    let _value = escaped.recv().await.unwrap();
    settle().await;
    let handle = running.handle();
    // The supervisor takes both commands from its mailbox at once.
    let (restarted, ended) = tokio::join!(handle.restart_child("a"), running.shutdown());
    restarted.unwrap();
    ended.unwrap();
    assert_eq!(recorder.exits(), ["a: normal", "a: shutdown"]);
}

/// A future that panics in `poll` without unwinding its own fields.
struct Holder {
    value: Lent<u32>,
    rude: bool,
}

impl Future for Holder {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        *self.value += 1;
        assert!(!self.rude, "expected: a panic in poll");
        Poll::Ready(())
    }
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_says_that_its_last_holder_panicked_however_that_was() {
    quiet_panics();
    let (tell, mut told) = mpsc::unbounded_channel();
    let spec = ChildSpec::lending("a", 0, move |_, value: Lent<u32>| {
        tell.send(Lent::last_holder_panicked(&value)).unwrap();
        let rude = value.is_multiple_of(2);
        Holder { value, rude }
    });
    let inner = Supervisor::new(Strategy::OneForOne, limit(1)).children([spec]);
    // The panic is reported to the next instance, to that of a restarted supervisor, and to the
    // next run.
    let mut tree = Supervisor::new(Strategy::OneForOne, limit(1)).child("inner", inner);
    tree.run().await.unwrap_err();
    tree.run().await.unwrap_err();
    let told = std::iter::from_fn(|| told.try_recv().ok()).collect::<Vec<_>>();
    assert_eq!(told, [false, true, false, true, false, true, false, true]);
}

/// The values that are present go back unchanged. The panic of their last holder is still reported
/// when they are lent again.
#[tokio::test(start_paused = true)]
async fn rule_32_of_several_values_an_instance_gets_all_or_none() {
    quiet_panics();
    let (first, second) = (1, String::new());
    let (escape, mut escaped) = mpsc::unbounded_channel();
    let (tell, mut told) = mpsc::unbounded_channel();
    let mut tree = supervisor! {
        max_restarts = 2,

        #[child(lend(first, second), clone(tell, escape))]
        a = async move |_| {
            tell.send((*first, second.len(), Lent::last_holder_panicked(&first))).unwrap();
            *first += 1;
            second.push('s');
            if *first == 2 {
                escape.send(second).unwrap();
            }
            panic!("expected: it holds {first}");
        },
    };
    let error = tree.run().await.unwrap_err();
    let SageError::Supervisor(reached) = &error else { panic!("{error}") };
    assert!(is_missing(&reached.exit), "{error}");
    drop(escaped.recv().await);
    tree.run().await.unwrap_err();
    let told = std::iter::from_fn(|| told.try_recv().ok()).collect::<Vec<_>>();
    assert_eq!(told, [(1, 0, false), (2, 1, true), (3, 2, true), (4, 3, true)]);
}

#[tokio::test(start_paused = true)]
async fn rule_32_a_task_that_it_was_moved_to_is_its_last_holder() {
    quiet_panics();
    for panics in [true, false] {
        let (escape, mut escaped) = mpsc::unbounded_channel();
        let spec = ChildSpec::lending("a", (), move |_, value: Lent<()>| {
            let escape = escape.clone();
            async move { drop(escape.send(value)) }
        });
        let mut tree =
            supervisor(Strategy::OneForOne).children([spec.restart(RestartPolicy::Temporary)]);
        tree.run().await.unwrap();
        let value = escaped.recv().await.unwrap();
        let task = tokio::spawn(async move {
            assert!(!panics, "expected: it holds {value:?}");
        });
        assert_eq!(task.await.is_err(), panics);
        tree.run().await.unwrap();
        let value = escaped.recv().await.unwrap();
        assert_eq!(Lent::last_holder_panicked(&value), panics);
    }
}

/// A value that panics when it is dropped, and reports the drop first.
struct Bomb(Option<oneshot::Sender<()>>);

impl Drop for Bomb {
    fn drop(&mut self) {
        let _ = self.0.take().map(|dropped| dropped.send(()));
        panic!("expected: a rude destructor");
    }
}

#[tokio::test(start_paused = true)]
async fn rule_32_its_destructor_may_panic() {
    quiet_panics();
    let (dropped, drops) = oneshot::channel();
    let spec = ChildSpec::lending("a", Bomb(Some(dropped)), |ctx, bomb: Lent<Bomb>| async move {
        ctx.cancelled().await;
        drop(bomb); // the value goes back, and is not dropped here
    });
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    settle().await;
    running.shutdown().await.unwrap();
    drops.await.unwrap();

    // A guard that outlives the whole tree drops the value itself.
    let (dropped, drops) = oneshot::channel();
    let (escape, escaped) = oneshot::channel();
    let escape = std::sync::Mutex::new(Some(escape));
    let spec = ChildSpec::lending("a", Bomb(Some(dropped)), move |_, bomb: Lent<Bomb>| {
        let escape = escape.lock().unwrap().take().unwrap();
        async move { drop(escape.send(bomb)) }
    });
    let tree = supervisor(Strategy::OneForOne);
    tree.children([spec.restart(RestartPolicy::Transient)]).run().await.unwrap();
    drop(escaped.await.unwrap());
    drops.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_32_a_template_that_lends_is_refused() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    settle().await;
    let spec = ChildSpec::lending("a", 0, |ctx, _: Lent<u32>| async move { ctx.cancelled().await });
    let refused = pool.start_child(Arc::new(spec)).await.unwrap_err();
    let CommandError::Invalid(invalid) = &refused else { panic!("{refused}") };
    assert_eq!(invalid.kind, InvalidTreeKind::SharedLentValue("a".to_owned()));
    assert_eq!(
        invalid.kind.to_string(),
        "child `a` is lent a value, so its spec cannot be a shared template"
    );
    let spec = ChildSpec::lending("a", 0, |ctx, _: Lent<u32>| async move { ctx.cancelled().await });
    pool.start_child(spec).await.unwrap();
    running.shutdown().await.unwrap();
}
