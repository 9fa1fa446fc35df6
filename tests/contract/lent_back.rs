//! Lent values that their owner has back (rule 32).

use std::sync::Arc;
use std::time::Duration;

use sage_supervisor::{
    BlockingContext, ChildContext, ChildSpec, CommandError, DynamicSupervisor, EventKind, Exit,
    InvalidTreeKind, Lent, Loan, RestartPolicy, SageError, Shutdown, StartFailure, Strategy,
    Supervisor, supervisor,
};
use sage_supervisor_tests::{
    Log, OnStop, Puppet, limit, no_task_is_left, quiet_panics, settle, supervisor,
};
use tokio::sync::mpsc;

const SECOND: Duration = Duration::from_secs(1);

type Inbox = mpsc::Receiver<u32>;

/// A mailbox with the messages 1 to 4.
fn mailbox() -> Loan<Inbox> {
    let (send, inbox) = mpsc::channel(4);
    for message in 1..=4 {
        send.try_send(message).unwrap();
    }
    Loan::new(inbox)
}

/// The messages that nobody has handled.
fn rest(mut inbox: Inbox) -> Vec<u32> {
    std::iter::from_fn(|| inbox.try_recv().ok()).collect()
}

/// A child that reads one message at each start, and then obeys its puppet.
fn reader(puppet: &Puppet, inbox: &Loan<Inbox>) -> ChildSpec {
    let (name, puppet) = (puppet.name(), puppet.clone());
    ChildSpec::lending_from(name, inbox, move |ctx, mut inbox: Lent<Inbox>| {
        let puppet = puppet.clone();
        async move {
            inbox.recv().await.unwrap();
            puppet.act_with(ctx).await
        }
    })
}

fn is_missing(exit: &Exit) -> bool {
    matches!(exit, Exit::FailedStart(StartFailure::LentValueMissing))
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_is_had_back_after_a_shutdown() {
    let inbox = mailbox();
    let puppet = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne).children([reader(&puppet, &inbox)]).start();
    puppet.started(1).await;
    puppet.fail("gone");
    puppet.started(2).await;
    assert!(inbox.take().is_none(), "the reader holds it");
    running.shutdown().await.unwrap();
    let taken = inbox.take().unwrap();
    assert!(!inbox.last_holder_panicked());
    assert_eq!(rest(taken), [3, 4]);
    assert!(inbox.take().is_none(), "it has been taken");
    assert!(inbox.returned().await.is_none(), "it has been taken");
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_is_had_back_from_a_tree_that_has_failed() {
    quiet_panics();
    for panics in [false, true] {
        let inbox = mailbox();
        let puppet = Puppet::new("a", &Log::default());
        let inner = Supervisor::new(Strategy::OneForOne, limit(1));
        let inner = inner.children([reader(&puppet, &inbox)]);
        let outer = Supervisor::new(Strategy::OneForOne, limit(0));
        let running = outer.child("inner", inner).start();
        puppet.started(1).await;
        puppet.fail("gone");
        puppet.started(2).await;
        if panics {
            puppet.panic("expected: gone");
        } else {
            puppet.fail("gone");
        }
        running.wait().await.unwrap_err();
        assert_eq!(inbox.last_holder_panicked(), panics);
        let taken = inbox.take().unwrap();
        assert_eq!(inbox.last_holder_panicked(), panics, "also after it was taken");
        assert_eq!(rest(taken), [3, 4]);
    }
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_is_had_back_from_a_tree_that_was_dropped() {
    let inbox = mailbox();
    let puppet = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne).children([reader(&puppet, &inbox)]).start();
    puppet.started(1).await;
    drop(running);
    assert_eq!(rest(inbox.returned().await.unwrap()), [2, 3, 4]);

    // The run is dropped, and the supervisor keeps its claim.
    let inbox = mailbox();
    let mut tree = supervisor(Strategy::OneForOne).children([reader(&puppet, &inbox)]);
    tokio::select! {
        ended = tree.run() => panic!("{ended:?}"),
        () = puppet.started(2) => {}
    }
    no_task_is_left().await;
    assert_eq!(rest(inbox.take().unwrap()), [2, 3, 4]);
    drop(tree);
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_is_had_back_after_an_abort() {
    for shutdown in [Shutdown::BrutalKill, Shutdown::Timeout(SECOND)] {
        let inbox = mailbox();
        let puppet = Puppet::with("a", &Log::default(), OnStop::Ignore);
        let spec = reader(&puppet, &inbox).shutdown(shutdown);
        let running = supervisor(Strategy::OneForOne).children([spec]).start();
        puppet.started(1).await;
        let _ = running.shutdown().await;
        assert_eq!(rest(inbox.take().unwrap()), [2, 3, 4]);
    }
}

#[tokio::test]
async fn rule_32_it_is_had_back_from_a_thread() {
    let count = Loan::new(0);
    let (tell, mut told) = mpsc::unbounded_channel();
    let start = move |ctx: BlockingContext, mut count: Lent<u32>| {
        *count += 1;
        tell.send(()).unwrap();
        while *count > 1 && !ctx.wait_cancelled(SECOND) {}
    };
    let spec = ChildSpec::blocking_lending_from("a", &count, start);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    told.recv().await.unwrap();
    told.recv().await.unwrap();
    assert_eq!(count.take(), None, "the second thread holds it");
    running.shutdown().await.unwrap();
    assert_eq!(count.take(), Some(2));
}

/// A thread that does not end keeps the value beyond the end of its tree.
#[tokio::test]
async fn rule_32_an_unresponsive_holder_keeps_it() {
    let count = Loan::new(0);
    let (open, gate) = std::sync::mpsc::channel::<()>();
    let gate = std::sync::Mutex::new(gate);
    let start = move |ctx: BlockingContext, mut count: Lent<u32>| {
        ctx.ready();
        gate.lock().unwrap().recv().unwrap();
        *count += 1;
    };
    let spec = ChildSpec::blocking_lending_from("a", &count, start);
    let spec = spec.ready_within(Duration::from_secs(3600)).shutdown(Shutdown::BrutalKill);
    let grace = Duration::from_millis(1);
    let app = supervisor(Strategy::OneForOne).kill_grace(grace).unresponsive_timeout(grace);
    let running = app.children([spec]).start();
    running.started().await.unwrap();
    let error = running.shutdown().await.unwrap_err();
    assert!(matches!(error, SageError::Unresponsive(_)), "{error}");
    assert_eq!(count.take(), None);
    open.send(()).unwrap();
    assert_eq!(count.returned().await, Some(1));
}

#[tokio::test(start_paused = true)]
async fn rule_32_a_block_leaves_a_loan_with_its_owner() {
    let (seen, plain, words) = (Loan::new(0), vec![1, 2, 3], Loan::new(String::new()));
    let running = supervisor! {
        #[child(lend(seen, plain, words))]
        a = async move |ctx| {
            *seen += plain.len();
            plain.clear();
            words.push('w');
            ctx.cancelled().await;
            Ok::<_, std::io::Error>(())
        },
    }
    .start();
    running.started().await.unwrap();
    settle().await;
    assert_eq!((seen.take(), words.take()), (None, None));
    running.handle().restart_child("a").await.unwrap();
    settle().await;
    running.shutdown().await.unwrap();
    assert_eq!((seen.take(), words.take()), (Some(3), Some("ww".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn rule_32_a_start_after_it_was_taken_fails_until_another_is_put() {
    let inbox = mailbox();
    let puppet = Puppet::new("a", &Log::default());
    let spec = reader(&puppet, &inbox).restart(RestartPolicy::Temporary);
    let running = supervisor(Strategy::OneForOne).children([spec]).keep_alive(true).start();
    puppet.started(1).await;
    assert!(inbox.put(mpsc::channel(1).1).is_err(), "the reader holds it");
    puppet.finish();
    settle().await;
    assert!(inbox.put(mpsc::channel(1).1).is_err(), "it has come back");
    let taken = inbox.take().unwrap();
    let mut events = running.handle().tree_events();
    running.handle().restart_child("a").await.unwrap();
    let exit = loop {
        if let EventKind::Exited { exit, .. } = events.recv().await.unwrap().unwrap().kind {
            break exit;
        }
    };
    assert!(is_missing(&exit), "{exit}");
    inbox.put(taken).unwrap();
    running.handle().restart_child("a").await.unwrap();
    puppet.started(2).await;
    running.shutdown().await.unwrap();
    assert_eq!(rest(inbox.take().unwrap()), [3, 4]);
}

#[tokio::test(start_paused = true)]
async fn rule_32_one_that_was_put_has_had_no_holder() {
    quiet_panics();
    let inbox = mailbox();
    let puppet = Puppet::new("a", &Log::default());
    let spec = reader(&puppet, &inbox).restart(RestartPolicy::Temporary);
    let running = supervisor(Strategy::OneForOne).children([spec]).start();
    puppet.started(1).await;
    puppet.panic("expected: gone");
    running.wait().await.unwrap();
    assert!(inbox.last_holder_panicked());
    inbox.put(inbox.take().unwrap()).unwrap();
    assert!(!inbox.last_holder_panicked());
}

#[tokio::test(start_paused = true)]
async fn rule_32_of_two_children_one_holds_it() {
    let inbox = mailbox();
    let log = Log::default();
    let (first, second) = (Puppet::new("first", &log), Puppet::new("second", &log));
    let children = [reader(&first, &inbox), reader(&second, &inbox)];
    let mut tree = Supervisor::new(Strategy::OneForOne, limit(2)).children(children);
    let error = tree.run().await.unwrap_err();
    let SageError::Supervisor(reached) = &error else { panic!("{error}") };
    assert!(is_missing(&reached.exit), "{error}");
    assert_eq!((first.starts(), second.starts()), (1, 0));
    assert_eq!(rest(inbox.take().unwrap()), [2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn rule_32_it_has_returned_when_no_child_can_be_lent_it() {
    let inbox = mailbox();
    let puppet = Puppet::new("a", &Log::default());
    let running = supervisor(Strategy::OneForOne)
        .children([reader(&puppet, &inbox).restart(RestartPolicy::Transient)])
        .keep_alive(true)
        .start();
    puppet.started(1).await;
    let returned = tokio::spawn({
        let inbox = inbox.clone();
        async move { inbox.returned().await.map(rest) }
    });
    // Between two instances nobody holds the value, but the child is going to.
    puppet.fail("gone");
    puppet.started(2).await;
    puppet.finish();
    settle().await;
    assert!(!returned.is_finished(), "the child can be started by hand");
    running.handle().restart_child("a").await.unwrap();
    puppet.started(3).await;
    running.handle().stop_child("a").await.unwrap();
    running.handle().remove_child("a").await.unwrap();
    settle().await;
    assert!(!returned.is_finished(), "the tree is declared with the child");
    running.shutdown().await.unwrap();
    assert_eq!(returned.await.unwrap(), Some(vec![4]));

    // A child that was added to a running tree has no claim once it has been removed.
    let count = Loan::new(0);
    let running = supervisor(Strategy::OneForOne).keep_alive(true).start();
    let spec = ChildSpec::lending_from("a", &count, |_, _: Lent<u32>| async {});
    running.handle().start_child(spec.restart(RestartPolicy::Transient)).await.unwrap();
    settle().await;
    assert!(tokio::time::timeout(SECOND, count.returned()).await.is_err());
    running.handle().remove_child("a").await.unwrap();
    assert_eq!(count.returned().await, Some(0));
    running.shutdown().await.unwrap();

    // The end of a tree is reported when its claims have ended.
    let inbox = mailbox();
    let running = supervisor(Strategy::OneForOne).children([reader(&puppet, &inbox)]).start();
    puppet.started(4).await;
    running.shutdown().await.unwrap();
    assert!(inbox.returned().await.is_some());

    // A guard that outlives its tree is waited for.
    let value = Loan::new(7);
    let (escape, mut escaped) = mpsc::unbounded_channel();
    let spec = ChildSpec::lending_from("a", &value, move |_: ChildContext, value: Lent<u32>| {
        let escape = escape.clone();
        async move { escape.send(value).unwrap() }
    });
    let tree = supervisor(Strategy::OneForOne).children([spec.restart(RestartPolicy::Temporary)]);
    tree.start().wait().await.unwrap();
    let guard = escaped.recv().await.unwrap();
    assert!(tokio::time::timeout(SECOND, value.returned()).await.is_err());
    let (returned, ()) = tokio::join!(value.returned(), async { drop(guard) });
    assert_eq!(returned, Some(7));
}

#[tokio::test(start_paused = true)]
async fn rule_32_a_loan_in_a_template_or_a_pool_is_refused() {
    let dynamic = DynamicSupervisor::new();
    let running = dynamic.clone().start();
    running.started().await.unwrap();
    let count = Loan::new(0);
    let spec = || ChildSpec::lending_from("a", &count, async |_: ChildContext, _: Lent<u32>| {});
    let refused = dynamic.start_child(Arc::new(spec())).await.unwrap_err();
    let CommandError::Invalid(invalid) = &refused else { panic!("{refused}") };
    assert_eq!(invalid.kind, InvalidTreeKind::SharedLentValue("a".to_owned()));
    running.shutdown().await.unwrap();

    let mut tree = supervisor(Strategy::OneForOne).children([spec().instances(2)]);
    let SageError::Invalid(invalid) = tree.run().await.unwrap_err() else { panic!("it runs") };
    assert_eq!(invalid.kind, InvalidTreeKind::PoolOfLentValue("a".to_owned()));
    assert_eq!(count.take(), Some(0));
}
