//! The messages of the assertions.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use sage_supervisor_policy::{DeclaredChild, DeclaredTree, Order, Shutdown};
use sage_supervisor_policy::{Setting, WrittenChild, WrittenStart, WrittenTree};

use crate::unwritten::NOT_WRITTEN;

fn tree(name: &'static str, children: Vec<DeclaredChild<'static>>) -> DeclaredTree<'static> {
    WrittenTree { name, children: children.leak(), ..NOT_WRITTEN }.declare()
}

fn child(
    name: &'static str,
    shutdown: Setting<Shutdown>,
    start: WrittenStart<'static>,
) -> DeclaredChild<'static> {
    let (description, restart, significant) = ("", Setting::Unset, false);
    WrittenChild { name, description, restart, shutdown, significant, start }.declare()
}

fn worker(name: &'static str, milliseconds: u64) -> DeclaredChild<'static> {
    let time = Shutdown::Timeout(Duration::from_millis(milliseconds));
    child(name, Setting::Known(time), WrittenStart::Closure)
}

fn nested(name: &'static str, children: Vec<DeclaredChild<'static>>) -> DeclaredChild<'static> {
    child(name, Setting::Unset, WrittenStart::Nested(tree(name, children)))
}

/// The message of the panic.
fn said(asserts: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(asserts)).expect_err("it does not hold");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast::<&str>().expect("a panic has a text").to_string(),
    }
}

#[test]
fn over_the_budget_there_is_a_time_on_every_line() {
    let db = nested("größe", vec![worker("pool", 20_000), worker("cache", 10_500)]);
    let app = tree("app", vec![worker("listener", 5_000), db]);
    let text = "\
`app` may need 35500ms to shut down, the budget is 30s
  children stop one after another, last first:
    app         35500ms
      listener       5s
      größe     30500ms
        pool        20s
        cache   10500ms";
    assert_eq!(said(|| app.assert_fits_within_ms(30_000)), text);
}

#[test]
fn without_a_bound_each_reason_is_said() {
    let feed = child("feed", Setting::Known(Shutdown::Infinity), WrittenStart::Closure);
    let mailer = child("mailer", Setting::Unset, WrittenStart::Value);
    let cache = child("cache", Setting::Dynamic, WrittenStart::Closure);
    let hurried = child(
        "hurried",
        Setting::Known(Shutdown::Timeout(Duration::from_secs(1))),
        WrittenStart::Nested(tree("hurried", vec![feed])),
    );
    let storage = nested("storage", vec![worker("pool", 1), cache, worker("log", u64::MAX)]);
    let app = tree("app", vec![feed, storage, mailer]);
    let text = "\
the shutdown time of `app` has no bound
  `feed` has `shutdown = \"infinity\"`
  the shutdown of `storage/cache` is known only at run time
  `storage/log` has more than 365 days, which is `infinity`
  `mailer` does not say at its entry how long it may take to stop";
    assert_eq!(said(|| app.assert_fits_within_ms(30_000)), text);
    // Nothing below a supervisor that is killed at its timeout is a reason.
    let app = tree("app", vec![hurried, mailer]);
    let text = "\
the shutdown time of `app` is not known at compile time
  `mailer` does not say at its entry how long it may take to stop";
    assert_eq!(said(|| app.assert_fits_within_ms(30_000)), text);
}

#[test]
fn a_start_that_may_take_too_long_is_said_with_who_takes_how_long() {
    let ready = |name, seconds: u64| worker(name, 1).ready_within(Setting::Known(seconds * 1_000));
    let storage = nested("storage", vec![ready("pool", 20), worker("cache", 1)]);
    let feed = ready("feed", 2).pooled(Setting::Known(3), false);
    let app = tree("app", vec![storage, feed]);
    let text = "\
`app` may need 26s to start, and has 25s
  `storage` 20s
    `pool` 20s
  `feed` 6s  3 instances";
    assert_eq!(said(|| app.assert_starts_within_ms(25_000)), text);
    app.assert_starts_within_ms(26_000);
    let app = app.ordered(Setting::Known(Order::Together), Setting::Unset);
    let text = "\
`app` may need 20s to start, and has 19s
  `storage` 20s  together
    `pool` 20s
  `feed` 2s  3 instances  together";
    assert_eq!(said(|| app.assert_starts_within_ms(19_000)), text);
}

#[test]
fn a_start_without_a_bound_is_said_with_the_reasons() {
    let unknown = worker("pool", 1).ready_within(Setting::Dynamic);
    let pool = worker("crew", 1).ready_within(Setting::Known(1)).pooled(Setting::Dynamic, false);
    let storage = nested("storage", vec![unknown, worker("cache", 1)]);
    let app =
        tree("app", vec![storage, child("mailer", Setting::Unset, WrittenStart::Value), pool]);
    let text = "\
the time that `app` needs to start is not known at compile time
  `pool` has a `ready_within` that is known only at run time
  `mailer` does not say at its entry how long it may take to be ready
  `crew` has a number of instances that is known only at run time";
    assert_eq!(said(|| app.assert_starts_within_ms(25_000)), text);
}

#[test]
fn a_subtree_without_time_for_its_children_is_drawn() {
    let storage = tree("unnamed", vec![worker("pool", 3_000), worker("cache", 2_000)]);
    let text = "\
`storage` is given 3s to stop, but its own children may need 5s
  children stop one after another, last first:
    storage  5s
      pool   3s
      cache  2s";
    assert_eq!(said(|| storage.assert_has_time("storage", 3_000)), text);
}

#[test]
fn a_path_that_leads_nowhere_is_said_with_what_there_is() {
    let mailer = child("mailer", Setting::Unset, WrittenStart::Value);
    let app = tree("app", vec![nested("db", vec![worker("pool", 1), worker("cache", 1)]), mailer]);
    let cases = [
        ("dp", "`app` has no child `dp`\n  children of `app`: `db`, `mailer`"),
        ("", "`app` has no child ``\n  children of `app`: `db`, `mailer`"),
        ("app/db", "`app` has no child `app/db`\n  children of `app`: `db`, `mailer`"),
        ("db/pol", "`app` has no child `db/pol`\n  children of `db`: `pool`, `cache`"),
        ("db/", "`app` has no child `db/`\n  children of `db`: `pool`, `cache`"),
        ("db/pool/a", "`app` has no child `db/pool/a`\n  nothing below `db/pool` can be seen"),
        ("mailer/a", "`app` has no child `mailer/a`\n  nothing below `mailer` can be seen"),
    ];
    for (path, text) in cases {
        assert_eq!(said(|| _ = app.max_starts(path)), text);
    }
    assert_eq!(said(|| _ = tree("app", vec![]).max_starts("a")), "`app` has no child `a`");
}

#[test]
fn a_large_tree_is_drawn_as_far_as_there_is_room() {
    let app = tree("app", (0..500).map(|_| worker("child", 1_000)).collect());
    let text = said(|| app.assert_fits_within_ms(0));
    let (lines, last) = text.rsplit_once('\n').expect("there are lines");
    assert_eq!(last, "  .. and more, which is left out");
    assert!(lines.ends_with("\n      child    1s"), "{lines}");
    assert!((100..500).contains(&lines.lines().count()), "{lines}");
}
