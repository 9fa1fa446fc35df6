//! Tests of named trees, on tokens.

use super::holds::for_a_block;
use super::{NAMED, expand, gaps, prefixes, tokens};
use crate::language::{analyses, block};

const STORAGE: &str = "\
storage      rest_for_one, 5 restarts in 1m, unknown stop
├─ pool      permanent   20s to stop  6 starts  Connections.
└─ nested    transient  unknown stop  6 starts
   └─ value  temporary  unknown stop  6 starts";

const APP: &str = "\
app         one_for_one, 5 restarts in 1m, at most 30s to stop
└─ storage  transient  at most 20s to stop  6 starts  What is kept. (see `self::db::storage`)";

#[test]
fn a_drawing_says_what_can_be_known() {
    let [storage, app] = &analyses(tokens(NAMED))[..] else { panic!("there are two") };
    assert_eq!((&storage.mistakes, &app.mistakes), (&vec![], &vec![]));
    assert_eq!(storage.drawing, STORAGE);
    assert_eq!(app.drawing, APP);
}

#[test]
fn a_function_passes_through_with_a_constant_beside_it() {
    let input = tokens("{ $crate }").into_iter().chain(tokens(NAMED));
    let expanded = block::expand(input.collect()).to_string();
    assert!(!expanded.contains("compile_error"), "{expanded}");
    for part in [
        "# [must_use] # [cfg (unix)] # [doc = \"\"] # [doc = \" ```text\"]",
        "# [cfg_attr (all (all (here)) , doc = \" ├─ pool ",
        "# [cfg_attr (all (all (there) , all (elsewhere)) , doc = \"    └─ value ",
        "pub (crate) fn storage < T : Into < Config < A , B >>, const N : usize >",
        "where T : Clone , [u8 ; { N }] : Sized {",
        "# [doc = \" ```\"] # [doc = \"\"] # [doc = \" The analyses of this tree: [`storage::TREE`].\"]",
        "# [cfg (unix)] # [doc = \"The declared tree of [`storage`]",
        "pub (crate) enum storage { }",
        "pub const TREE :",
        "# [cfg (here)] $ crate :: expansion :: WrittenChild { name : \"pool\"",
        "assert_has_time (& < self :: db :: storage > :: TREE , \"storage\" , 20000u64)",
        "assert_fits_within_ms (& __1 , 30000u64)",
    ] {
        assert!(expanded.contains(part), "{part}\n{expanded}");
    }
}

/// Returns the size of the expansion of a tree that has a budget and a shutdown time on every
/// level, and a named tree at the bottom.
fn checked(levels: u32) -> usize {
    let bottom = "#[child(tree)] a = a(), #[child] b = |_| x".to_owned();
    let nested = |inner, _| {
        format!(
            "shutdown_budget = \"1m\", #[child(shutdown = \"1m\")] a = supervisor! {{ {inner} }}"
        )
    };
    let expanded = expand(tokens(&(0..levels).fold(bottom, nested)));
    assert_eq!(expanded.matches("assert_fits_within_ms").count(), levels as usize);
    assert_eq!(expanded.matches("assert_has_time").count(), levels as usize);
    expanded.len()
}

#[test]
fn checks_spell_each_block_out_once() {
    let [few, more, most] = [10, 20, 40].map(checked);
    assert!(most - more <= (more - few) * 21 / 10, "{few}, {more}, {most}");
}

#[test]
fn a_named_tree_that_breaks_off_is_a_function_or_a_mistake() {
    let all = prefixes(tokens(NAMED)).into_iter().chain(gaps(tokens(NAMED)));
    let mut count = 0;
    for broken in all {
        assert_eq!(for_a_block(&broken), Ok(()), "{broken}");
        count += 1;
    }
    assert!(count > 300, "{count}");
}

/// The compiler would report each cycle on many lines.
#[test]
fn trees_that_contain_each_other_are_one_mistake() {
    let count = |functions: &str| {
        let input = tokens("{ $crate }").into_iter().chain(tokens(functions));
        block::expand(input.collect()).to_string().matches("contain each other").count()
    };
    let tree = |name: &str, child: &str| {
        format!("fn {name}() -> Supervisor {{ #[child(tree)] x = {child}(), #[child] w = |_| f }}")
    };
    assert_eq!(count(&(tree("a", "b") + &tree("b", "a"))), 1);
    assert_eq!(count(&(tree("a", "b") + &tree("b", "c") + &tree("c", "self::a"))), 1);
    assert_eq!(count(&(tree("a", "b") + &tree("b", "c") + &tree("c", "d"))), 0);
    assert_eq!(count(&(tree("a", "b") + &tree("b", "other::a"))), 0);
    let nested = "fn b() -> Supervisor { #[child] n = supervisor! { #[child(tree)] a = a() } }";
    assert_eq!(count(&(tree("a", "b") + nested)), 1);
    let conditional =
        "fn b() -> Supervisor { #[cfg(no)] #[child(tree)] a = a(), #[child] w = |_| f }";
    assert_eq!(count(&(tree("a", "b") + conditional)), 0);
}

/// Returns the first line of each message about a named tree with this body.
fn mistakes(body: &str) -> Vec<String> {
    let function = format!("fn tree(a: &str) -> Supervisor {{ {body} }}");
    let [tree] = &analyses(tokens(&function))[..] else { panic!("there is one") };
    let first_line = |text: &String| text.lines().next().unwrap_or_default().to_owned();
    tree.mistakes.iter().map(first_line).collect()
}

#[test]
fn statements_stand_in_front_of_the_entries() {
    for statements in [
        "let a = b;",
        "let a;",
        "/// Why. \n #[cfg(unix)] let (a, mut b): (A, [u8; 3]) = channel::<A, B>(8);",
        "let a: &'a dyn Fn() -> Box<dyn Iterator<Item = A>> = &c; let d = e;",
        "let Some(a) = b else { panic!(\"c\") };",
        "let a = |b| { return c?; };",
        "let a = async { b.await? };",
        "let a = b!(c?);",
        "let a: Box<dyn ?Sized> = b as C == d;",
        "let a = b; drop(a); c.d(); info!(\"e\"); f::g::<H, I>(); *j = k; #[allow(l)] m.n = 1;",
        "for a in b { c.push(a); } while d {} if let Some(a) = e { f() } else if g {} else {} let h = i;",
    ] {
        let body = format!("{statements} #[child] b = |_| x");
        assert_eq!(mistakes(&body), [""; 0], "{statements}");
        let input = format!("{{ $crate }} fn tree() -> Supervisor {{ {body} }}");
        let expanded = block::expand(tokens(&input)).to_string().replace(' ', "");
        let written = tokens(statements).to_string().replace(' ', "");
        assert!(expanded.contains(&written), "{statements} {expanded}");
    }
}

#[test]
fn a_statement_elsewhere_is_a_mistake() {
    const SEMICOLON: &str = "expected `;` after this `let` statement";
    const LET: &str = "`let` cannot stand in the block of a supervisor";
    for (body, mistake) in [
        ("let a = b #[child] c = |_| x", SEMICOLON),
        ("let a = b() name = \"c\", #[child] c = |_| x", SEMICOLON),
        ("let a = b(); #[child] c = |_| x, let d = e;", LET),
        ("#[child] c = supervisor! { let a = b; #[child] d = |_| x }", LET),
        (
            "for a in b { #[child] c = |_| x }, #[child] d = |_| x",
            "`for` cannot stand in the block of a supervisor",
        ),
        ("let a = b; Supervisor::new(c, d)", "the body of a named tree is not an expression"),
        (
            "let a = b; supervisor! { #[child] c = |_| x }",
            "the body of a named tree is the block itself",
        ),
        ("let a = b; strategy = \"one_for_all\"", "this supervisor has no children"),
    ] {
        assert_eq!(mistakes(body), [mistake], "{body}");
    }
}

#[test]
fn statements_do_not_end_the_function() {
    const RETURN: &str = "a named tree cannot `return` early";
    const QUESTION: &str = "a named tree cannot fail, so `?` has no meaning here";
    for (statement, mistakes) in [
        ("let a = b?;", &[QUESTION][..]),
        ("let a = b(c?, d)?;", &[QUESTION, QUESTION]),
        ("let Some(a) = b else { return c };", &[RETURN]),
        ("if let a = b { return c }", &[RETURN]),
        ("a.b()?;", &[QUESTION]),
        ("let a = match b { Ok(b) => b, Err(_) => return Supervisor::new(c, d) };", &[RETURN]),
    ] {
        let body = format!("{statement} #[child] b = |_| x");
        assert_eq!(self::mistakes(&body), mistakes, "{statement}");
        // The statement would only repeat the mistake.
        let input = format!("{{ $crate }} fn tree() -> Supervisor {{ {body} }}");
        let expanded = block::expand(tokens(&input)).to_string();
        assert!(expanded.contains(":: core :: unreachable ! ()"), "{expanded}");
        assert!(!expanded.contains("let "), "{expanded}");
    }
}

#[test]
fn a_statement_may_turn_a_borrowed_argument_into_a_value() {
    const BORROWED: &str = "`a` is a reference, which a child may outlive";
    let child = "#[child(clone(a))] b = async move |_| drop(a)";
    assert_eq!(mistakes(child), [BORROWED]);
    assert_eq!(mistakes(&format!("let b = a.len(); {child}")), [BORROWED]);
    assert_eq!(mistakes(&format!("let a = a.to_owned(); {child}")), [""; 0]);
    assert_eq!(mistakes(&format!("let (b, A {{ a, .. }}) = c; {child}")), [""; 0]);
}
