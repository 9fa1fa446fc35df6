//! The context of an instance, and the operations that it offers (rule 30).

use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use sage_supervisor::{ChildContext, ChildSpec, Exit, Strategy, Supervisor, SupervisorHandle};
use sage_supervisor_tests::{Log, Puppet, quiet_panics, settle, supervisor};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// A supervisor `inner` with a child `a` that sends its contexts to the test.
fn tree() -> (Supervisor, Puppet, mpsc::UnboundedReceiver<ChildContext>) {
    let puppet = Puppet::new("a", &Log::default());
    let (give, given) = mpsc::unbounded_channel();
    let acting = puppet.clone();
    let child = ChildSpec::new("a", move |ctx: ChildContext| {
        give.send(ctx.clone()).unwrap();
        acting.clone().act_with(ctx)
    });
    let inner = supervisor(Strategy::OneForOne).children([child]);
    (supervisor(Strategy::OneForOne).name("app").child("inner", inner), puppet, given)
}

#[tokio::test(start_paused = true)]
async fn rule_30_it_knows_its_name_its_path_and_what_came_before() {
    let (tree, puppet, mut given) = tree();
    let running = tree.start();
    let first = given.recv().await.unwrap();
    assert_eq!((first.name(), &*first.path()), ("a", "app/inner/a"));
    assert_eq!(first.restarts(), 0);
    assert!(first.previous_exit().is_none());
    puppet.fail("lost");
    let second = given.recv().await.unwrap();
    assert_eq!((second.name(), second.restarts()), ("a", 1));
    assert_eq!(second.previous_exit().unwrap().to_string(), "error: lost");
    // A restart by hand counts as a restart.
    second.supervisor().restart_child("a").await.unwrap();
    let third = given.recv().await.unwrap();
    assert_eq!(third.restarts(), 2);
    assert!(matches!(third.previous_exit(), Some(Exit::Shutdown)));
    // A restarted supervisor creates its children anew, without their history.
    running.handle().restart_child("inner").await.unwrap();
    let anew = given.recv().await.unwrap();
    assert_eq!((anew.restarts(), anew.previous_exit().is_none()), (0, true));
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_30_every_instance_has_a_token_of_its_own() {
    let (tree, puppet, mut given) = tree();
    let running = tree.start();
    let first = given.recv().await.unwrap();
    settle().await;
    let token = first.token();
    assert!(!first.is_cancelled() && !token.is_cancelled());
    puppet.finish();
    let second = given.recv().await.unwrap();
    let told = timeout(Duration::from_secs(1), first.cancelled()).await;
    told.expect("its instance has ended");
    assert!(first.is_cancelled() && token.is_cancelled());
    assert!(!second.is_cancelled() && !second.token().is_cancelled());
    running.shutdown().await.unwrap();
    second.cancelled().await;
    assert!(second.is_cancelled() && second.token().is_cancelled());
}

/// A waker of one token panics, after it has dropped a token that nobody has heard of yet.
#[tokio::test(start_paused = true)]
async fn rule_30_a_waker_of_one_token_harms_no_other() {
    struct Bomb(Mutex<Vec<CancellationToken>>);
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            self.0.lock().unwrap().clear();
            panic!("expected: woken");
        }
    }
    quiet_panics();
    let (tree, _, mut given) = tree();
    let running = tree.start();
    let ctx = given.recv().await.unwrap();
    settle().await;
    let tokens: Vec<_> = (0..6).map(|_| ctx.token()).collect();
    let mut bad = vec![];
    for token in &tokens[1..5] {
        let mut wait = Box::pin(token.clone().cancelled_owned());
        let bomb = Waker::from(Arc::new(Bomb(Mutex::new(vec![ctx.token(), ctx.token()]))));
        assert!(wait.as_mut().poll(&mut Context::from_waker(&bomb)).is_pending());
        bad.push(wait);
    }
    let listeners: Vec<_> =
        [&tokens[0], &tokens[5]].map(|token| tokio::spawn(token.clone().cancelled_owned())).into();
    settle().await;
    running.shutdown().await.unwrap();
    for listener in listeners {
        let heard = timeout(Duration::from_secs(1), listener).await;
        heard.expect("the token has told its listener").unwrap();
    }
    assert!(tokens.iter().all(CancellationToken::is_cancelled));
}

#[tokio::test(start_paused = true)]
async fn rule_30_its_supervisor_is_the_one_it_belongs_to() {
    let (tree, _, mut given) = tree();
    let running = tree.start();
    let own = given.recv().await.unwrap().supervisor();
    settle().await;
    let names = async |handle: SupervisorHandle| -> Vec<String> {
        let children = handle.children().await.unwrap();
        children.into_iter().map(|child| child.path).collect()
    };
    assert_eq!(names(own).await, ["app/inner/a"]);
    assert_eq!(names(running.handle()).await, ["app/inner"]);
    running.shutdown().await.unwrap();
}

/// The future borrows nothing, so it can be given to code that asks for `'static`.
#[tokio::test(start_paused = true)]
async fn rule_30_the_request_to_stop_is_a_future_of_its_own() {
    fn is_free(future: impl Future<Output = ()> + Send + Sync + Unpin + 'static) -> impl Future {
        future
    }
    let (tree, _puppet, mut given) = tree();
    let running = tree.start();
    let ctx = given.recv().await.unwrap();
    let stop = ctx.cancelled_owned();
    assert!(format!("{stop:?}").starts_with("CancelledOwned"));
    let mut early = tokio::spawn(stop);
    assert!(timeout(Duration::from_secs(60), &mut early).await.is_err());
    drop(ctx.cancelled_owned());
    running.shutdown().await.unwrap();
    early.await.unwrap();
    is_free(ctx.cancelled_owned()).await;
}
