//! Restart limits that count nothing, and limits that are exceeded too late to matter.

use super::mistakes;

const LATE: &str = "is never exceeded: that of the supervisor is";

/// Returns whether the only mistake is a limit of a child that is exceeded after the limit of its
/// supervisor.
fn is_late(settings: &str, options: &str, start: &str) -> bool {
    let block = format!("{settings} #[child({options})] a = {start}, #[child] b = f");
    let found = mistakes(&block);
    assert!(found.len() <= 1 && found.iter().all(|m| m.contains(LATE)), "{block}: {found:?}");
    !found.is_empty()
}

#[test]
fn a_limit_of_a_child_is_not_above_that_of_its_supervisor() {
    let three = "max_restarts = 3, within = \"1m\",";
    let child = |options| is_late(three, options, "|_| x");
    assert!(child("max_restarts = 4, within = \"1m\""));
    assert!(child("max_restarts = 10, within = \"1s\""));
    assert!(child("max_restarts = 4"));
    assert!(child("within = \"1m\""));
    // The limit of the child is checked before that of the supervisor.
    assert!(!child("max_restarts = 3, within = \"1m\""));
    assert!(!child("max_restarts = 4, within = \"60001ms\""));
    assert!(!child("max_restarts = count, within = \"1m\""));
    assert!(!child("max_restarts = 4, within = time"));
    assert!(!child("shutdown = \"1s\""));
    assert!(is_late(three, "max_restarts = 4", "f()"));
    assert!(is_late(three, "max_restarts = 4", "supervisor! { #[child] c = f }"));
    for strategy in ["\"one_for_all\"", "\"rest_for_one\"", "strategy"] {
        assert!(is_late(&format!("{three} strategy = {strategy},"), "max_restarts = 4", "f"));
    }
}

#[test]
fn the_defaults_count_as_if_they_were_written() {
    assert!(is_late("", "max_restarts = 6", "|_| x"));
    assert!(!is_late("", "max_restarts = 5", "|_| x"));
    assert!(is_late("max_restarts = 4,", "within = \"1m\"", "f"));
    assert!(!is_late("within = \"59s\",", "max_restarts = 6", "f"));
    assert!(!is_late("max_restarts = \"unlimited\",", "max_restarts = 6", "f"));
    assert!(!is_late("max_restarts = count,", "max_restarts = 6", "f"));
    assert!(!is_late("within = time,", "max_restarts = 6", "f"));
    assert!(is_late("max_restarts = 0,", "max_restarts = 1", "f"));
}

/// Nobody has set the limit of the supervisor, so the restarts of a child with a backoff may not count
/// for it.
#[test]
fn a_limit_by_default_leaves_out_what_is_delayed() {
    let delays = "backoff(initial = \"1ms\", max = \"1ms\")";
    assert!(!is_late("", &format!("max_restarts = 6, {delays}"), "|_| x"));
    assert!(!is_late("", "max_restarts = 6, backoff = waits", "|_| x"));
    assert!(!is_late(&format!("{delays},"), "max_restarts = 6", "|_| x"));
    assert!(!is_late("", "max_restarts = 6", "f"), "the value may have a backoff");
    for set in ["max_restarts = 5,", "within = \"60s\","] {
        assert!(is_late(set, &format!("max_restarts = 6, {delays}"), "|_| x"), "{set}");
        assert!(is_late(set, "max_restarts = 6", "f"), "{set}");
    }
}

#[test]
fn what_is_forgiven_still_counts_then() {
    let count = |settings: &str, options: &str, start: &str| {
        let found = mistakes(&format!("{settings} #[child({options})] a = {start}"));
        assert!(found.iter().all(|found| found == "`forgive_after` has no effect"), "{found:?}");
        found.len()
    };
    let child = |after: &str, others: &str| {
        count("", &format!("forgive_after = \"{after}\", {others}"), "|_| x")
    };
    assert_eq!(child("60s", ""), 0, "a restart exactly a window ago still counts");
    assert_eq!(child("61s", ""), 1);
    assert_eq!(child("61s", "max_restarts = 5, within = \"2m\""), 0);
    assert_eq!(child("61s", "within = time"), 0);
    assert_eq!(child("61s", "backoff(initial = \"1s\", reset_after = \"2m\")"), 0);
    assert_eq!(child("61s", "backoff(initial = \"1s\")"), 1);
    assert_eq!(child("61s", "backoff = waits"), 0);
    let after = "forgive_after = \"61s\"";
    assert_eq!(count("", after, "f"), 0, "the value may have a limit");
    assert_eq!(count("within = time,", after, "|_| x"), 0);
    assert_eq!(count("max_restarts = \"unlimited\",", after, "|_| x"), 1);
    let unlimited = "max_restarts = \"unlimited\", backoff(initial = \"1s\"),";
    assert_eq!(count(unlimited, "forgive_after = \"60s\"", "|_| x"), 0);
    let of_tree = |after: &str, options: &str, start: &str| {
        count(&format!("forgive_after = \"{after}\","), options, start)
    };
    assert_eq!(of_tree("61s", "", "|_| x"), 1);
    assert_eq!(of_tree("60s", "", "|_| x"), 0);
    assert_eq!(of_tree("61s", "max_restarts = 5, within = \"2m\"", "|_| x"), 0);
    assert_eq!(of_tree("61s", "", "f"), 0);
    assert_eq!(of_tree("61s", "", "|_| x, #[child] b = f"), 0);
    assert_eq!(of_tree("61s", "", "|_| x, #[child(forgive_after = \"1s\")] b = f"), 1);
    assert_eq!(count("keep_alive = true, forgive_after = \"61s\",", "", "|_| x"), 0);
}

#[test]
fn one_reason_for_a_limit_out_of_reach_is_enough() {
    let block = |settings: &str, options: &str| {
        mistakes(&format!("{settings} #[child(max_restarts = 9, {options})] a = |_| x"))
    };
    let slow = "backoff(initial = \"1m\")";
    assert_eq!(block(&format!("{slow},"), "").len(), 1);
    assert_eq!(block("", slow).len(), 1);
    let high = "#[child(max_restarts = 301)] a = |_| x";
    assert_eq!(mistakes(&format!("max_restarts = 3, {slow}, {high}")).len(), 1);
    assert_eq!(block("max_restarts = 0,", "").len(), 1);
    assert_eq!(block("", "restart = \"temporary\"").len(), 1);
}

#[test]
fn temporary_children_alone_need_no_limit() {
    let block = |settings: &str, children: &str| mistakes(&format!("{settings} {children}"));
    let temporary = "#[child(restart = \"temporary\")] a = f";
    let two = &format!("{temporary}, #[child(restart = \"temporary\")] b = |_| x");
    let nothing = |key: &str| vec![format!("`{key}` has no effect: every child is temporary")];
    assert_eq!(block("max_restarts = 3,", two), nothing("max_restarts"));
    assert_eq!(block("max_restarts = 3, within = \"1m\",", two), nothing("max_restarts"));
    assert_eq!(block("within = \"1m\",", temporary), nothing("within"));
    assert_eq!(block("backoff(initial = \"1s\"),", temporary), nothing("backoff"));
    assert_eq!(block("forgive_after = \"1s\",", temporary), nothing("forgive_after"));
    assert_eq!(
        block("strategy = \"one_for_all\", max_restarts = 3,", two),
        nothing("max_restarts")
    );
    for (settings, children) in [
        ("kill_grace = \"1s\",", two.clone()),
        ("keep_alive = true, max_restarts = 3,", two.clone()),
        ("max_restarts = 3,", format!("{two}, #[child] c = f")),
        ("max_restarts = 3,", "#[child(restart = policy)] a = f".to_owned()),
    ] {
        assert_eq!(block(settings, &children), [""; 0], "{settings} {children}");
    }
}

#[test]
fn a_temporary_child_is_taken_along_by_one_that_is_not() {
    let count = |strategy: &str, before: &str, after: &str| {
        let limited = "#[child(restart = \"temporary\", max_restarts = 3)] a = f";
        mistakes(&format!("strategy = \"{strategy}\", {before} {limited}, {after}")).len()
    };
    let temporary = "#[child(restart = \"temporary\")] b = f,";
    assert_eq!(count("one_for_all", "", "#[child] b = f"), 0);
    assert_eq!(count("one_for_all", temporary, ""), 1);
    assert_eq!(count("rest_for_one", "#[child] b = f,", ""), 0);
    assert_eq!(count("rest_for_one", "", "#[child] b = f"), 1);
    assert_eq!(count("rest_for_one", temporary, "#[child] c = f"), 1);
}

#[test]
fn only_a_child_with_a_context_says_that_it_is_alive_or_ready() {
    for option in ["heartbeat", "ready_within"] {
        let count =
            |start: &str| mistakes(&format!("#[child({option} = \"5s\")] a = {start}")).len();
        for start in [
            "ChildSpec::command(\"a\", make)",
            "sage_supervisor::ChildSpec::command(\"a\", make).shutdown(time)",
            "ChildSpec::without_context(\"a\", f)",
            "DynamicSupervisor::new()",
            "Supervisor::new(strategy, config).child(\"b\", f)",
            "supervisor! { #[child] b = f }.name(\"c\")",
            "supervisor! { #[child] b = f }",
        ] {
            assert_eq!(count(start), 1, "{start}");
        }
        for start in [
            "ChildSpec::new(\"a\", f)",
            "ChildSpec::blocking(\"a\", f)",
            "command(\"a\", make)",
            "ChildSpec::command",
            "|_| ChildSpec::command(a)",
            "{ ChildSpec::command(a) }",
            "ChildSpec::command(a)?",
        ] {
            assert_eq!(count(start), 0, "{start}");
        }
    }
}
