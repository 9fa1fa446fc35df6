//! The rules, and input that violates none of them.

use sage_supervisor_policy::Bound;

use super::{expand, mistakes, tokens};
use crate::language::declared::declared;
use crate::language::diag::{Diag, Place};
use crate::language::lower;
use crate::language::split::List;

#[expect(
    clippy::redundant_closure_for_method_calls,
    reason = "the method is not general over the lifetime of the tree"
)]
fn bound(text: &str) -> Bound {
    let mut diag = Diag::default();
    let tree = lower::tree(tokens(text), List::Block, Place::call_site(), &mut diag);
    declared(&tree, |declared| declared.shutdown_bound())
}

#[test]
fn the_worst_case_is_the_sum_over_the_tree() {
    for (tree, expected) in [
        ("#[child] a = |_| x", Bound::Known(5_000)),
        ("#[child] a = |_| x, #[child(shutdown = \"2s\")] b = f", Bound::Known(7_000)),
        ("#[child(shutdown = \"brutal_kill\")] a = f", Bound::Known(0)),
        ("#[child(shutdown = \"infinity\")] a = |_| x", Bound::Unbounded),
        ("#[child(shutdown = time)] a = |_| x", Bound::Dynamic),
        ("#[child] a = f", Bound::Unseen),
        ("#[child] a = async { x }", Bound::Known(5_000)),
        ("#[child] a = f, #[child(shutdown = \"infinity\")] b = |_| x", Bound::Unbounded),
        (
            "#[child] a = supervisor! { #[child] b = |_| x }.keep_alive(true).kill_grace(time)",
            Bound::Known(5_000),
        ),
        ("#[child] a = supervisor! { #[child] b = |_| x }.child(\"c\", d)", Bound::Unseen),
        ("#[child(shutdown = \"soon\")] a = f, #[child] b = g", Bound::Dynamic),
        (
            "#[child] a = supervisor! { #[child] b = |_| x, #[child] c = |_| x }",
            Bound::Known(10_000),
        ),
        (
            "#[child(shutdown = \"infinity\")] a = supervisor! { #[child] b = |_| x }",
            Bound::Known(5_000),
        ),
        (
            "#[child(shutdown = \"1m\")] a = supervisor! { #[child(shutdown = \"infinity\")] b = f }",
            Bound::Known(60_000),
        ),
        ("#[child(shutdown = \"1m\")] a = supervisor! { #[child] b = f }", Bound::Known(60_000)),
        // The child has stopped before its time is over, or is killed then.
        ("#[child(shutdown = \"1m\")] a = supervisor! { #[child] b = |_| x }", Bound::Known(5_000)),
        ("#[child(shutdown = \"1s\")] a = supervisor! { #[child] b = |_| x }", Bound::Known(1_000)),
        ("#[child] a = supervisor! { #[child] b = f }, #[child] c = |_| x", Bound::Unseen),
        ("#[child(shutdown = \"8760h\")] a = f, #[child] b = |_| x", Bound::Known(31_536_005_000)),
        // A time of more than 365 days.
        ("#[child(shutdown = \"31536000001ms\")] a = f, #[child] b = |_| x", Bound::Unbounded),
        (
            "#[child(shutdown = \"9000h\")] a = supervisor! { #[child] b = |_| x }",
            Bound::Known(5_000),
        ),
        (
            "#[child(shutdown = \"9000h\")] a = supervisor! { #[child(shutdown = \"9000h\")] b = f }",
            Bound::Unbounded,
        ),
        // The sum counts all children; the compiler knows which of them exist.
        (
            "#[cfg(unix)] #[child(shutdown = \"20s\")] a = f, #[child] c = |_| x,
             #[cfg(not(unix))] #[child(shutdown = \"30s\")] a = f",
            Bound::Known(55_000),
        ),
    ] {
        assert_eq!(bound(tree), expected, "{tree}");
    }
}

/// What a loop adds behind a block may take any time, have any policy, and be significant.
#[test]
fn children_that_are_made_at_run_time_are_unknown() {
    let more = "supervisor! { #[child] b = |_| x }.children(list)";
    assert_eq!(bound(&format!("#[child] a = {more}")), Bound::Unseen);
    assert_eq!(bound(&format!("#[child(shutdown = \"9s\")] a = {more}")), Bound::Known(9_000));
    let budget = format!("shutdown_budget = \"9s\", #[child] a = {more}");
    let found = mistakes(&budget);
    assert_eq!(found.len(), 1, "{found:?}");
    for block in [
        "keep_alive = true, #[child] a = supervisor! {}.children(list)".to_owned(),
        "#[child] a = supervisor! { auto_shutdown = \"any_significant\", #[child] b = |_| x }.child(\"c\", d)"
            .to_owned(),
        "#[child] a = supervisor! { max_restarts = 3, #[child(restart = \"temporary\")] b = f }.children(c)"
            .to_owned(),
        format!("#[child] a = {more}.keep_alive(true)"),
        "#[child(tree)] a = storage(url).children(list)".to_owned(),
    ] {
        assert_eq!(mistakes(&block), [""; 0], "{block}");
    }
}

#[test]
fn what_is_configured_is_left_to_the_compiler() {
    let times =
        "#[cfg(a)] #[child(shutdown = \"9s\")] a = f, #[cfg(b)] #[child(shutdown = \"9s\")] b = f";
    assert_eq!(mistakes(&format!("shutdown_budget = \"9s\", {times}")), [""; 0]);
    let nested = format!("#[child] c = supervisor! {{ {times} }}");
    assert_eq!(mistakes(&format!("shutdown_budget = \"9s\", {nested}")), [""; 0]);
    let timed = format!("#[child(shutdown = \"9s\")] c = supervisor! {{ {times} }}");
    assert_eq!(mistakes(&timed), [""; 0]);
    assert!(expand(tokens(&timed)).contains("assert_has_time"));
    let beside = "#[cfg(a)] #[child] a = f, #[child(shutdown = \"1s\")] b = supervisor! { #[child] c = |_| x }";
    assert_eq!(mistakes(beside), ["`b` is given 1s to stop, but its own children may need 5s"]);
}

#[test]
fn more_than_365_days_are_no_bound() {
    let time =
        |time| format!("shutdown_budget = \"9999h\", #[child(shutdown = \"{time}\")] a = |_| x");
    assert_eq!(mistakes(&time("8760h")), [""; 0]);
    assert_eq!(mistakes(&time("8761h")), ["the shutdown time of this tree has no bound"]);
    let year = "#[child(shutdown = \"8760h\")]";
    let block = format!(
        "#[child(shutdown = \"9000h\")] a = supervisor! {{ {year} b = |_| x, {year} c = |_| x }}"
    );
    assert_eq!(mistakes(&block), [""; 0]);
}

#[test]
fn a_budget_that_is_just_met_is_no_mistake() {
    let block = |budget| format!("shutdown_budget = \"{budget}\", #[child] a = |_| x");
    assert_eq!(mistakes(&block("5s")), Vec::<String>::new());
    assert_eq!(
        mistakes(&block("4999ms")),
        ["the tree may need 5s to shut down, the budget is 4999ms"]
    );
}

#[test]
fn a_nested_supervisor_may_have_just_the_time_its_children_need() {
    let block =
        |time| format!("#[child(shutdown = \"{time}\")] a = supervisor! {{ #[child] b = |_| x }}");
    assert_eq!(mistakes(&block("5s")), Vec::<String>::new());
    assert_eq!(mistakes(&block("infinity")), Vec::<String>::new());
    assert_eq!(
        mistakes(&block("4s")),
        ["`a` is given 4s to stop, but its own children may need 5s"]
    );
}

#[test]
fn what_depends_on_a_mistake_keeps_silent() {
    assert_eq!(mistakes("#[child]"), ["this attribute is not followed by a child"]);
    let block = "shutdown_budget = \"1s\", #[child(shutdown = \"5\")] a = f, #[child] b = |_| x";
    assert_eq!(mistakes(block), ["`\"5\"` has no unit"]);
    let block = "shutdown_budget = \"1s\", a = |_| x";
    assert_eq!(mistakes(block), ["`a` is not a supervisor setting"]);
    let block = "shutdown_budget = \"1s\", #[child] a = async { x }, #[child] b = f";
    assert_eq!(mistakes(block), ["an `async` block can be started only once"]);
    let block = "max_restarts = 0, #[child(restart = \"x\")] a = |_| x";
    assert_eq!(mistakes(block), ["unknown restart policy `\"x\"`"]);
}

#[test]
fn equal_names_are_allowed_where_each_is_conditional() {
    let block = |first, second| format!("{first} #[child] a = f, {second} #[child] a = f");
    assert_eq!(mistakes(&block("#[cfg(unix)]", "#[cfg(windows)]")), Vec::<String>::new());
    assert_eq!(mistakes(&block("#[cfg(unix)]", "#[allow(unused)]")).len(), 2);
    assert_eq!(mistakes(&block("", "#[cfg(unix)]")).len(), 2);
    assert_eq!(mistakes(&block("#[cfg(unix)]", "#[cfg(unix)]")).len(), 2);
    assert_eq!(mistakes(&block("#[cfg(unix)] #[cfg(a)]", "#[cfg(unix)]")), Vec::<String>::new());
}

#[test]
fn a_name_is_an_identifier() {
    for name in ["_", "self", "Self", "super", "crate", "true", "match"] {
        let block = format!("#[child] {name} = f");
        assert_eq!(mistakes(&block), [format!("`{name}` cannot be the name of a child")]);
    }
    assert_eq!(mistakes("#[child] r#match = f, #[child] union = f"), Vec::<String>::new());
}

/// A comparison of each name with every other took seconds.
#[test]
fn a_block_may_have_very_many_children() {
    let block = (0..20_000).map(|n| format!("#[child] child_{n} = f,")).collect::<String>();
    assert_eq!(mistakes(&block), Vec::<String>::new());
}

/// The first exit that would lead to a restart ends the supervisor, which is what fail-fast means.
#[test]
fn a_limit_of_zero_is_a_limit() {
    for children in [
        "#[child] a = |_| x",
        "#[child(restart = \"permanent\")] a = f",
        "#[child(max_restarts = 0)] a = |_| x",
        "within = \"1m\", #[child] a = supervisor! { max_restarts = 0, #[child] b = f }",
    ] {
        assert_eq!(mistakes(&format!("max_restarts = 0, {children}")), [""; 0], "{children}");
    }
}

#[test]
fn a_significant_child_is_missed_only_where_every_child_is_known() {
    let block =
        |children: &str| mistakes(&format!("auto_shutdown = \"any_significant\", {children}"));
    let missed = ["no child is significant, so `auto_shutdown` has no effect"];
    assert_eq!(block("#[child] a = |_| x"), missed);
    assert_eq!(block("#[child] a = supervisor! { #[child] b = f }"), missed);
    for children in [
        "#[child] a = f",
        "#[child] a = |_| x, #[child] b = f()",
        "#[child(significant)] a = f",
        "#[child(restart = policy, significant)] a = |_| x",
        "#[child(significant)] a = supervisor! { #[child] b = f }",
    ] {
        assert_eq!(block(children), Vec::<String>::new(), "{children}");
    }
    assert_eq!(block("#[child(signifcant)] a = |_| x"), ["unknown child option `signifcant`"]);
    assert_eq!(mistakes("auto_shutdown = word, #[child] a = |_| x"), Vec::<String>::new());
}

#[test]
fn what_makes_significance_matter_may_be_unknown() {
    let block = |setting: &str| {
        mistakes(&format!("{setting} #[child(restart = \"transient\", significant)] a = |_| x"))
            .len()
    };
    assert_eq!(block(""), 1);
    assert_eq!(block("auto_shutdown = \"never\","), 1);
    assert_eq!(block("auto_shutdown = \"all_significant\","), 0);
    assert_eq!(block("auto_shutdown = config.word,"), 0);
    assert_eq!(block("auto_shutdown = \"alll\","), 1);
}

#[test]
fn temporary_siblings_need_a_strategy_that_restarts_siblings() {
    let block = |strategy: &str| {
        mistakes(&format!("{strategy} temporary_siblings = \"remove\", #[child] a = f")).len()
    };
    assert_eq!(block(""), 1);
    assert_eq!(block("strategy = \"one_for_one\","), 1);
    assert_eq!(block("strategy = \"rest_for_one\","), 0);
    assert_eq!(block("strategy = config.strategy,"), 0);
}

#[test]
fn only_the_outermost_block_tolerates_an_unclean_stop() {
    let setting = "tolerate_unclean_stop = true,";
    assert_eq!(mistakes(&format!("{setting} #[child] a = f")), Vec::<String>::new());
    let nested = format!("#[child] a = supervisor! {{ {setting} #[child] b = f }}");
    assert_eq!(mistakes(&nested), ["`tolerate_unclean_stop` has no effect in a nested block"]);
}

#[test]
fn a_block_may_be_empty_where_it_stays_up() {
    assert_eq!(mistakes("keep_alive = true"), Vec::<String>::new());
    assert_eq!(mistakes("keep_alive = waits"), Vec::<String>::new());
    assert_eq!(mistakes("keep_alive = false"), ["this supervisor has no children"]);
    assert_eq!(mistakes("keep_alive = 1"), ["`keep_alive` is `true` or `false`"]);
}

#[test]
fn a_value_is_lent_to_one_child_of_those_that_exist() {
    let block = |first: &str, second: &str| {
        mistakes(&format!(
            "{first} #[child(lend(rx))] a = move |_| rx,
             {second} #[child] b = supervisor! {{ #[child(lend(rx))] c = move |_| rx }}"
        ))
    };
    let twice = ["`rx` is lent to two children", "`rx` is first lent here"];
    assert_eq!(block("", ""), twice);
    assert_eq!(block("#[cfg(unix)]", ""), twice);
    assert_eq!(block("#[cfg(unix)]", "#[cfg(unix)]"), twice);
    assert_eq!(block("#[cfg(unix)]", "#[cfg(not(unix))]"), [""; 0]);
}

#[test]
fn a_literal_over_several_lines_is_quoted_in_one() {
    let found = mistakes("strategy = \"one_for\n_one\"");
    assert_eq!(found, ["unknown strategy `\"one_for\\n_one\"`"]);
}

#[test]
fn words_in_front_of_a_nested_block_are_no_path_to_it() {
    for (path, bound) in [
        ("supervisor", Bound::Known(5_000)),
        ("a::b::supervisor", Bound::Known(5_000)),
        ("::a::supervisor", Bound::Known(5_000)),
        ("a b supervisor", Bound::Unseen),
        ("a: b::supervisor", Bound::Unseen),
        ("a::::supervisor", Bound::Unseen),
    ] {
        let block = format!("#[child] a = {path}! {{ #[child] b = |_| x }}");
        assert_eq!(self::bound(&block), bound, "{path}");
    }
}
