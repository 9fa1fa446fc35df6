//! The start of children, and the checks before it (rules 4 to 6).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sage_supervisor::{
    ChildContext, ChildSpec, CommandError, DynamicSupervisor, IntoChild, InvalidTreeKind,
    RestartConfig, RestartPolicy, SageError, Strategy, Supervisor,
};
use sage_supervisor_tests::{Log, Puppet, quiet_panics, settle, supervisor};
use tokio::time::timeout;

async fn idle(ctx: ChildContext) {
    ctx.cancelled().await;
}

/// The path and the rule of an invalid declaration, of which no child may have been started.
async fn broken(tree: Supervisor, log: &Log) -> (String, InvalidTreeKind) {
    let error = tree.start().wait().await.expect_err("it is invalid");
    assert_eq!(log.take(), "", "nothing has started");
    match error {
        SageError::Invalid(invalid) => (invalid.path, invalid.kind),
        other => panic!("not a broken rule: {other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn rule_4_the_whole_tree_is_validated_before_anything_starts() {
    let log = Log::default();
    let first = || Puppet::new("first", &log).spec();
    let named = |name: &str| supervisor(Strategy::OneForOne).children([first()]).child(name, idle);
    let at_root = |rule| ("root".to_owned(), rule);

    assert_eq!(broken(named(""), &log).await, at_root(InvalidTreeKind::EmptyName));
    let hidden = ["a\u{202e}b", "a\u{2066}", "\u{200f}a", "a\u{2028}b", "\u{feff}", "a\u{200d}b"];
    for name in ["a/b", "/", "a\nb", "\u{7f}"].into_iter().chain(hidden) {
        let rule = InvalidTreeKind::InvalidName(name.to_owned());
        assert_eq!(broken(named(name), &log).await, at_root(rule));
    }
    let rule = InvalidTreeKind::DuplicateName("first".to_owned());
    assert_eq!(broken(named("first"), &log).await, at_root(rule));

    let zero = RestartConfig { max_restarts: 1, within: Duration::ZERO };
    let tree = Supervisor::new(Strategy::OneForOne, zero).children([first()]);
    assert_eq!(broken(tree, &log).await, at_root(InvalidTreeKind::ZeroWindow));

    let deep = supervisor(Strategy::OneForOne)
        .children([first()])
        .child("middle", supervisor(Strategy::OneForOne).child("inner", named("first")));
    let rule = InvalidTreeKind::DuplicateName("first".to_owned());
    assert_eq!(broken(deep, &log).await, ("root/middle/inner".to_owned(), rule));
}

#[tokio::test(start_paused = true)]
async fn rule_4_run_reports_a_broken_rule_too() {
    let mut tree = supervisor(Strategy::OneForOne).child("a", idle).child("a", idle);
    let error = tree.run().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "invalid supervision tree: supervisor `root`: two children are named `a`"
    );
}

#[tokio::test(start_paused = true)]
async fn rule_4_names_are_unique_among_siblings_only() {
    let tree = supervisor(Strategy::OneForOne)
        .child("a", idle)
        .child("b", supervisor(Strategy::OneForOne).child("a", idle));
    let running = tree.start();
    settle().await;
    assert!(!running.handle().has_ended());
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_4_a_supervisor_is_named_by_itself_then_by_its_entry_then_root() {
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let whoami = move |ctx: ChildContext| {
        tell.send(ctx.path()).unwrap();
        idle(ctx)
    };
    let inner = supervisor(Strategy::OneForOne).child("x", whoami.clone());
    let own_name = supervisor(Strategy::OneForOne).name("own").child("x", whoami.clone());
    let tree = supervisor(Strategy::OneForOne)
        .child("entry", inner)
        .child("ignored", own_name)
        .child("x", whoami);
    let running = tree.start();
    settle().await;
    let mut paths = vec![];
    while let Ok(path) = told.try_recv() {
        paths.push(path);
    }
    assert_eq!(paths, ["root/entry/x", "root/own/x", "root/x"]);
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_5_children_start_in_declaration_order() {
    let log = Log::default();
    let names = ["d", "a", "c", "b"];
    let children = names.map(|name| Puppet::new(name, &log).spec());
    let running = supervisor(Strategy::OneForOne).children(children).start();
    settle().await;
    assert_eq!(log.take(), "+d +a +c +b");
    running.shutdown().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn rule_6_a_start_function_panics_inside_its_own_child() {
    quiet_panics();
    let log = Log::default();
    let sibling = Puppet::new("sibling", &log);
    let starts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&starts);
    let child = ChildSpec::new("child", move |ctx: ChildContext| {
        assert!(counted.fetch_add(1, Ordering::SeqCst) > 0, "expected: the first start");
        idle(ctx)
    });
    let running = supervisor(Strategy::OneForOne).children([child, sibling.spec()]).start();
    settle().await;
    assert_eq!(starts.load(Ordering::SeqCst), 2, "the panic was an exit, and led to a restart");
    assert_eq!(sibling.starts(), 1);
    running.shutdown().await.unwrap();
}

/// The child after a nested supervisor waits until all children of the nested supervisor have been
/// started.
#[tokio::test(start_paused = true)]
async fn rule_6_declaration_order_holds_across_subtrees() {
    let log = Log::default();
    let child = |name: &str| Puppet::new(name, &log).spec();
    let deepest = supervisor(Strategy::OneForOne).children([child("1"), child("2")]);
    let nested = supervisor(Strategy::OneForOne).child("deepest", deepest).children([child("3")]);
    let tree = supervisor(Strategy::OneForOne).child("nested", nested).children([child("4")]);
    let running = tree.start();
    settle().await;
    assert_eq!(log.take(), "+1 +2 +3 +4");
    running.shutdown().await.unwrap();
    assert_eq!(log.take(), "-4 -3 -2 -1");
}

#[tokio::test(start_paused = true)]
async fn rule_6_a_nested_supervisor_that_is_over_at_once_holds_up_nobody() {
    let log = Log::default();
    let empty = supervisor(Strategy::OneForOne);
    let short = supervisor(Strategy::OneForOne)
        .children([ChildSpec::new("x", async |_| {}).restart(RestartPolicy::Temporary)]);
    let after = Puppet::new("after", &log);
    let tree = supervisor(Strategy::OneForOne)
        .child("empty", empty)
        .child("short", short)
        .children([after.spec()]);
    let running = tree.start();
    settle().await;
    assert_eq!(after.starts(), 1);
    running.shutdown().await.unwrap();
}

/// The given name replaces the name of the spec, even in errors about a broken rule of the child or
/// of a child below it.
#[tokio::test(start_paused = true)]
async fn rule_4_a_given_name_takes_the_place_of_that_of_the_spec() {
    let pool = DynamicSupervisor::new();
    let running = pool.clone().start();
    pool.start_named("own", ChildSpec::new("", idle)).await.unwrap();
    assert_eq!(pool.child("own").await.unwrap().path, "root/own");

    let significant = ChildSpec::new("x", idle).restart(RestartPolicy::Transient).significant();
    let nested = supervisor(Strategy::OneForOne).child("a/b", idle).into_child("x".to_owned());
    for (spec, path, rule) in [
        (significant, "root", InvalidTreeKind::SignificantWithoutAutoShutdown("other".to_owned())),
        (nested, "root/other", InvalidTreeKind::InvalidName("a/b".to_owned())),
    ] {
        let refused = pool.start_named("other", spec).await.unwrap_err();
        let CommandError::Invalid(invalid) = refused else { panic!("{refused}") };
        assert_eq!((invalid.path.as_str(), invalid.kind), (path, rule));
    }
    let refused = pool.start_child(ChildSpec::new("a/b", idle)).await.unwrap_err();
    let CommandError::Invalid(invalid) = refused else { panic!("{refused}") };
    assert_eq!(invalid.kind, InvalidTreeKind::InvalidName("a/b".to_owned()));
    running.shutdown().await.unwrap();
}

/// The rule also holds within a subtree that is added by hand.
#[tokio::test(start_paused = true)]
async fn rule_4_a_dynamic_supervisor_is_listed_once_in_what_is_added_too() {
    let app = supervisor(Strategy::OneForOne).keep_alive(true).start();
    let pool = DynamicSupervisor::new();
    let deep = supervisor(Strategy::OneForOne).child("b", pool.clone());
    let nested = supervisor(Strategy::OneForOne).child("a", pool).child("deep", deep);
    let adding = app.handle();
    let adding = adding.start_child(nested.into_child("nested".to_owned()));
    let refused = timeout(Duration::from_secs(60), adding).await.unwrap().unwrap_err();
    let CommandError::Invalid(invalid) = refused else { panic!("{refused}") };
    assert_eq!(invalid.path, "root/nested/deep/b");
    assert_eq!(invalid.kind, InvalidTreeKind::ListedTwice);
    app.shutdown().await.unwrap();
}
