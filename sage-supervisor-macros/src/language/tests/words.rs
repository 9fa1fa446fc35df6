//! Spellings: one mistake is one message, and its help has the right word.

use super::tokens;
use crate::language::diag::{Diag, Place};
use crate::language::lower;
use crate::language::split::List;

/// Returns the messages about a block, in full.
fn messages(block: &str) -> Vec<String> {
    let mut diag = Diag::default();
    let _ = lower::tree(tokens(block), List::Block, Place::call_site(), &mut diag);
    diag.into_texts()
}

fn leads_to(block: &str, help: &str) {
    let found = messages(block);
    assert_eq!(found.len(), 1, "{block}: {found:?}");
    assert!(found[0].contains(help), "{block}: {found:?}");
}

#[test]
fn a_policy_in_any_spelling_leads_to_the_word() {
    for (written, word) in [
        ("always", "permanent"),
        ("Always", "permanent"),
        ("Restart::Always", "permanent"),
        ("OnFailure", "transient"),
        ("on-failure", "transient"),
        ("\"OnFailure\"", "transient"),
        ("\"unless-stopped\"", "permanent"),
        ("\"PERMANENT\"", "permanent"),
        (":permanent", "permanent"),
        ("b\"transient\"", "transient"),
        ("concat!(\"trans\", \"ient\")", "transient"),
        ("Some(\"transient\")", "transient"),
        ("\"transient\".into()", "transient"),
        ("[\"transient\"]", "transient"),
    ] {
        leads_to(&format!("#[child(restart = {written})] a = f"), &format!("`\"{word}\"`"));
    }
    for valid in ["r\"transient\"", "(\"transient\")", "POLICY", "PERMANENT", "Policies::FIRST"] {
        assert_eq!(messages(&format!("#[child(restart = {valid})] a = f")), [""; 0], "{valid}");
    }
}

#[test]
fn a_time_in_any_spelling_leads_to_one_that_is_right() {
    for (written, help) in [
        ("5s", "`\"5s\"`"),
        ("5 s", "`\"5s\"`"),
        ("\"5\"s", "`\"5s\"`"),
        ("\"5 sec\"", "`\"5s\"`"),
        ("5_000", "`\"5000ms\"`"),
        ("5u64", "`\"5ms\"`"),
        ("30.0", "`\"30s\"`"),
        ("-5", "a time cannot be negative"),
        ("'5'", "`\"5s\"`"),
        ("Some(\"5s\")", "`\"5s\"`"),
        ("\"1_000ms\"", "`\"1s\"`"),
        ("\".5s\"", "`\"500ms\"`"),
        ("\"2 days\"", "`\"48h\"`"),
        ("\"5us\"", "a millisecond is the shortest time"),
    ] {
        leads_to(&format!("within = {written}, #[child] a = f"), help);
        leads_to(&format!("#[child(shutdown = {written})] a = f"), help);
    }
    for valid in ["r\"5s\"", "(\"5s\")", "Duration::from_secs(5)", "TIME", "5.seconds()"] {
        assert_eq!(messages(&format!("within = {valid}, #[child] a = f")), [""; 0], "{valid}");
    }
}

#[test]
fn a_number_of_restarts_in_any_spelling_leads_to_one_that_is_right() {
    for (written, help) in [
        ("3.0", "write `3`"),
        ("3s", "write `3`"),
        ("\"1_000\"", "write `1000`"),
        ("infinity", "write `\"unlimited\"`"),
        ("\"infinite\"", "write `\"unlimited\"`"),
        ("None", "write `\"unlimited\"`"),
        ("\"Unlimited\"", "write `\"unlimited\"`"),
        ("\"3/5s\"", "`max_restarts = 3, within = \"5s\"`"),
        ("(3, \"5s\")", "`max_restarts = 3, within = \"5s\"`"),
        ("3 within \"5s\"", "a comma stands between one value and the next"),
    ] {
        leads_to(&format!("max_restarts = {written}, #[child] a = f"), help);
    }
    for valid in ["1_000", "3u32", "0x10", "count", "\"unlimited\"", "u32::MAX", "+3"] {
        let found = messages(&format!("max_restarts = {valid}, #[child] a = f"));
        assert_eq!(found, [""; 0], "{valid}");
    }
}

#[test]
fn what_stands_for_a_comma_or_an_equals_sign_is_one_mistake() {
    for block in [
        "#[child] a = f;",
        "name = \"app\"; #[child] a = f",
        "#[child] a = f,,",
        ", #[child] a = f",
        "#[child(restart = \"transient\"; shutdown = \"5s\")] a = f",
        "#[child(restart = \"transient\",, shutdown = \"5s\")] a = f",
        "#[child] a == f",
        "#[child] a => f",
        "#[child] a -> f",
        "#[child] a := f",
        "#[child] a = = f",
        "#[child] a : f",
        "#[child] a f",
        "#[child(restart == \"transient\")] a = f",
        "#[child(restart \"transient\")] a = f",
        "#[child(clone[b])] a = |_| x",
        "#[child(clone: (b))] a = |_| x",
        "#[child(clone b)] a = |_| x",
        "#[child(backoff { initial = \"1s\" })] a = f",
        "backoff initial = \"1s\", #[child] a = f",
        "child a = f",
        "worker a: f",
        "#[child] storage::a = f",
        "#(child) a = f",
        "[child] a = f",
        "[child(restart = \"transient\")] a = f",
        "#[child(restart restart = \"transient\")] a = f",
        "#{child(restart = \"transient\")} a = f",
        "#child a = f",
        "#child(restart = \"transient\") a = f",
        "#[] a = f",
        "#[(restart = \"transient\")] a = f",
        "#[child child] a = f",
        "#[child(significant restart = \"transient\")] a = f",
        "#[child(backoff(= \"1s\"))] a = f",
        "#[child] a f::<B, C>",
        "keep_alive = true true, #[child] a = f",
        "#[child] a = supervisor { #[child] b = f }",
        "#[child] a = { #[child] b = f }",
    ] {
        let found = messages(block);
        assert_eq!(found.len(), 1, "{block}: {found:?}");
    }
}

/// Each of these was once answered by several messages, or by some of the compiler.
#[test]
fn what_is_written_as_in_another_language_is_one_mistake() {
    for (block, help) in [
        ("# the workers #[child] a = f", "`// ..`"),
        ("# comment name = \"app\", #[child] a = f", "`// ..`"),
        ("#[child] a = f, # the last", "`// ..`"),
        ("[a, b], strategy = \"one_for_all\", keep_alive = true", "`#[child] name = start`"),
        ("strategy: one_for_all, #[child] a = f", "`strategy = \"one_for_all\"`"),
        ("children: [a, b], #[child] a = f", "`#[child] name = start`"),
        ("child \"w\" { worker } #[child] a = f", "`#[child] w = start`"),
        ("worker \"the worker\" => f, #[child] a = f", "`#[child] name = start`"),
        ("[worker, worker], keep_alive = true", "`#[child] name = start`"),
        ("workers!(a, b), #[child] a = f", "`#[child] name = start`"),
        ("tokio::spawn(a); #[child] a = f", "`#[child] name = start`"),
        ("#[child] tokio::spawn(a), #[child] b = f", "`#[child] name = start`"),
        ("#[child] a = tokio::spawn(f(ctx))", "`a = f`"),
        ("#[child] a = tokio::task::spawn_blocking(|| f())", "`a = async |ctx| { .. }`"),
        ("#[child] a = (ctx) => f(ctx)", "`async |ctx| { .. }`"),
        ("#[child] a = ctx => f(ctx)", "`async |ctx| { .. }`"),
        ("#[child] a = async (ctx) => { f(ctx).await }", "`async |ctx| { .. }`"),
        ("#[child] a = [f, g]", "`#[child] name = start`"),
        ("#[child] a = vec![f, g]", "`#[child] name = start`"),
        ("#[child] a = Supervisor { #[child] b = f }", "`a = supervisor! { .. }`"),
        ("#[child] a = |ctx| ctx.cancelled()", "`async |ctx| ctx.cancelled().await`"),
        ("#[child(replicas = 4)] a = f", "`instances`"),
        ("#[child(if = debug)] a = f", "`when`"),
        ("within = format!(\"{n}s\"), #[child] a = f", "`Duration::from_secs(..)`"),
        ("#[child(shutdown = format!(\"{n}s\"))] a = f", "`Duration::from_secs(..)`"),
    ] {
        let found = messages(block);
        assert!(found.len() == 1 && found[0].contains(help), "{block}: {found:#?}");
    }
}

#[test]
fn what_only_looks_like_another_language_is_valid() {
    for block in [
        "#[child] a = spawn(f)",
        "#[child] a = pool.spawn(f)",
        "#[child] a = my::spawn(f)",
        "#[child] a = list[0]",
        "#[child] a = |ctx| ctx.cancelled_owned()",
        "#[child] a = |_| ctx.cancelled()",
        "within = parse!(\"{n}s\"), #[child] a = f",
        "#[child] a = make!(f)",
        "/// # A heading\n#[child] a = f",
    ] {
        assert_eq!(messages(block), [""; 0], "{block}");
    }
}

#[test]
fn a_child_in_the_way_of_another_system_leads_to_an_entry() {
    for block in ["#[worker] a = f", "#[supervisor] a = f", "#[task] a = f", "#[Child] a = f"] {
        leads_to(block, "did you mean `#[child]`?");
    }
    for block in ["children = [a, b]", "children: [a]", "child(a)", "workers = vec![a]"] {
        let found = messages(block);
        assert!(found[0].contains("an entry for each child: `#[child] name = start`"), "{found:?}");
    }
    for (options, help) in [
        ("\"transient\"", "write `restart = \"transient\"`"),
        ("always", "write `restart = \"permanent\"`"),
        (":temporary", "write `restart = \"temporary\"`"),
        ("RestartPolicy::Transient", "write `restart = RestartPolicy::Transient`"),
        ("\"5s\"", "write `shutdown = \"5s\"`"),
        ("after = \"b\"", "children start in the order of their entries"),
        ("type = \"worker\"", "the value determines what the child is"),
    ] {
        leads_to(&format!("#[child({options})] a = f"), help);
    }
    leads_to("#[child = \"transient\"] a = f", "write `#[child(restart = \"transient\")]`");
}

#[test]
fn a_letter_that_only_looks_right_is_named() {
    leads_to("#[child(rest\u{430}rt = \"transient\")] a = f", "it is U+0430");
    leads_to("#[child(restart = \"transi\u{435}nt\")] a = f", "it is U+0435");
    leads_to("within = \"5s\", str\u{430}tegy = \"one_for_one\", #[child] a = f", "U+0430");
}
