//! Backoff, and limits that its delays keep from ever being exceeded.

use super::mistakes;

/// Returns whether the only mistake of the block is a limit that failures alone never exceed.
fn is_unreachable(block: &str) -> bool {
    let found = mistakes(block);
    let unreachable = |mistake: &String| mistake.ends_with("is never exceeded by failures alone");
    assert!(found.len() <= 1 && found.iter().all(unreachable), "{block}: {found:?}");
    !found.is_empty()
}

#[test]
fn a_limit_is_in_reach_up_to_the_last_millisecond() {
    // The shortest delays are 0.9, 1.8, 3.6, 7.2 and 14.4 s.
    let one = "backoff(initial = \"1s\"), #[child] a = |_| x";
    assert!(!is_unreachable(&format!("within = \"27900ms\", {one}")));
    assert!(is_unreachable(&format!("within = \"27899ms\", {one}")));
    assert!(!is_unreachable(&format!("max_restarts = 6, {one}")));
    assert!(is_unreachable(&format!("max_restarts = 7, {one}")));
    assert!(!is_unreachable(&format!("max_restarts = 2, within = \"2700ms\", {one}")));
    assert!(is_unreachable(&format!("max_restarts = 2, within = \"2699ms\", {one}")));
}

#[test]
fn a_limit_that_nobody_wrote_or_that_is_none_is_left_alone() {
    let slow = "backoff(initial = \"1m\"), #[child] a = |_| x";
    assert!(!is_unreachable(slow));
    assert!(!is_unreachable(&format!("max_restarts = \"unlimited\", {slow}")));
    assert!(!is_unreachable(&format!("max_restarts = limit, {slow}")));
    assert!(!is_unreachable(&format!("within = window, {slow}")));
    assert!(is_unreachable(&format!("max_restarts = 5, {slow}")));
    assert!(is_unreachable(&format!("within = \"60s\", {slow}")));
}

#[test]
fn what_is_not_known_may_be_in_reach() {
    let block = |arguments: &str| {
        is_unreachable(&format!("max_restarts = 5, backoff({arguments}), #[child] a = |_| x"))
    };
    assert!(block("initial = \"1m\""));
    assert!(!block("initial = time"));
    assert!(!block("initial = \"1m\", max = time"));
    assert!(!block("initial = \"1m\", jitter = part"));
    assert!(!block("initial = \"1m\", jitter = 1"));
    assert!(!block("initial = \"5s\", factor = number"));
    assert!(block("initial = \"1m\", factor = number"));
    assert!(!block("initial = \"5s\", reset_after = time"));
    assert!(block("initial = \"1m\", reset_after = time"));
    assert!(!is_unreachable("max_restarts = 5, backoff = slow(), #[child] a = |_| x"));
}

#[test]
fn each_child_has_its_own_delays() {
    let block = |children: &str| {
        is_unreachable(&format!(
            "max_restarts = 3, within = \"30s\", backoff(initial = \"1m\"), {children}"
        ))
    };
    assert!(block("#[child] a = |_| x"));
    assert!(block("#[child] a = |_| x, #[child] b = |_| x, #[child] c = |_| x"));
    // Four children that fail at once are one more than the limit allows.
    assert!(!block(
        "#[child] a = |_| x, #[child] b = |_| x, #[child] c = |_| x, #[child] d = |_| x"
    ));
    assert!(!block("#[child(backoff(initial = \"1s\"))] a = |_| x"));
    assert!(!block("#[child] a = |_| x, #[child] b = f()"));
    assert!(block("#[child] a = |_| x, #[child(restart = \"temporary\")] b = f()"));
    assert!(block("#[child] a = |_| x, #[child(backoff(initial = \"20s\"))] b = f()"));
    assert!(!block("#[child] a = |_| x, #[child(backoff(initial = \"9s\"))] b = f()"));
    assert!(block("#[child] a = supervisor! { #[child] b = f }"));
    assert!(!is_unreachable("max_restarts = 3, #[child] a = |_| x"));
}

#[test]
fn what_makes_delays_shorter_is_no_mistake() {
    let block = |settings: &str, children: &str| {
        is_unreachable(&format!(
            "{settings} within = \"50s\", max_restarts = 3, backoff(initial = \"1m\"), #[child] a = |_| x, {children}"
        ))
    };
    let two = "#[child] b = |_| x";
    assert!(block("", two));
    assert!(block("strategy = \"one_for_all\",", two));
    assert!(!block("strategy = \"rest_for_one\",", two));
    assert!(block("strategy = \"rest_for_one\",", ""));
    assert!(!block("strategy = strategy,", two));
    assert!(!block("keep_alive = true,", ""));
    assert!(block("keep_alive = false,", ""));
}

#[test]
fn the_limit_of_a_child_goes_by_the_delays_of_that_child() {
    let block = |setting: &str, options: &str, start: &str| {
        is_unreachable(&format!("{setting} #[child({options})] a = {start}"))
    };
    let (slow, limit) = ("backoff(initial = \"1m\")", "max_restarts = 3");
    assert!(block(&format!("{slow},"), limit, "|_| x"));
    assert!(!block(&format!("{slow},"), limit, "f()"));
    assert!(!block("", limit, "|_| x"));
    assert!(block("", &format!("{slow}, {limit}"), "f()"));
    assert!(block("", &format!("{slow}, within = \"10s\""), "f()"));
    assert!(!block("", &format!("{slow}, {limit}, within = \"3m\""), "f()"));
    assert!(block("", &format!("{slow}, {limit}, within = \"161s\""), "f()"));
    assert!(!block("", slow, "f()"));
}

#[test]
fn a_temporary_child_is_restarted_with_its_group_only() {
    let count = |setting: &str, restart: &str| {
        let options =
            "max_restarts = 3, within = window, backoff(initial = time), heartbeat = \"5s\"";
        mistakes(&format!(
            "{setting} #[child] other = f, #[child(restart = {restart}, {options})] a = f"
        ))
        .len()
    };
    assert_eq!(count("", "\"temporary\""), 3);
    assert_eq!(count("strategy = \"one_for_one\",", "\"temporary\""), 3);
    assert_eq!(count("strategy = \"one_for_all\",", "\"temporary\""), 0);
    assert_eq!(count("strategy = strategy,", "\"temporary\""), 0);
    assert_eq!(count("", "\"transient\""), 0);
    assert_eq!(count("", "policy"), 0);
}

#[test]
fn one_mistake_in_a_backoff_is_one_message() {
    for (backoff, mistake) in [
        ("backoff", "`backoff` needs its arguments"),
        ("backoff =", "`backoff` needs its arguments"),
        ("backoff()", "`backoff` needs `initial`"),
        ("backoff(max = \"1m\")", "`backoff` needs `initial`"),
        ("backoff(intial = \"1s\")", "unknown argument `intial` of `backoff`"),
        ("backoff(\"1s\")", "the arguments of `backoff` have names"),
        ("backoff(time())", "unknown argument `time` of `backoff`"),
        ("backoff(=)", "expected an argument `key = value`, found `=`"),
        ("backoff(initial)", "`initial` needs a value"),
        ("backoff(initial = \"0s\")", "`initial` must be longer than zero"),
        ("backoff(initial = \"2m\")", "`initial` is above the default of `max`, `\"1m\"`"),
        ("backoff(initial = \"2s\", max = \"1s\")", "`max` is below `initial`"),
        ("backoff(initial = \"2s\", max = \"0s\")", "`max` must be longer than zero"),
        ("backoff(initial = 1)", "a duration needs a unit"),
        ("backoff = \"1s\"", "a backoff is a list of arguments"),
        ("backoff = 5", "a backoff is a list of arguments"),
    ] {
        let block = format!("max_restarts = 1, within = \"1ms\", {backoff}, #[child] a = |_| x");
        assert_eq!(mistakes(&block), [mistake], "{backoff}");
        let block = format!("#[child(within = \"1ms\", {backoff})] a = |_| x");
        assert_eq!(mistakes(&block), [mistake], "{backoff}");
    }
    for value in ["0.5", "-2", "0", "1e999", "\"2\"", "true"] {
        let block = format!("backoff(initial = \"1s\", factor = {value}), #[child] a = f");
        assert_eq!(mistakes(&block).len(), 1, "{value}");
    }
    for value in ["1.5", "-0.1", "\"0.5\""] {
        let block = format!("backoff(initial = \"1s\", jitter = {value}), #[child] a = f");
        assert_eq!(mistakes(&block).len(), 1, "{value}");
    }
}
