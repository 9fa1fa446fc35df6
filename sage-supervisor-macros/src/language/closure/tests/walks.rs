//! The walk through a body: which tokens are its own, and that each is visited once.

use super::{assert_all, tokens};
use crate::language::closure::is_fallible;

#[test]
fn a_question_mark_in_front_of_a_name_is_no_question_about_an_outcome() {
    let marked = [
        "info!(?a);",
        "info!(?a, \"up\");",
        "info!(b = ?a, %c, \"up\");",
        "info!(b = %c, ?a);",
        "info!(target: \"t\", parent: &span, ?a.b, \"up\");",
        "info!({ ?a }, \"up\");",
        "info!(b.c = ?a.d(), \"up\");",
        "info!(b = ?&a, c = ?*d);",
        "info!(\"b\" = ?a);",
        "let _entered = info_span!(\"x\", ?a).entered();",
        "g().instrument(info_span!(\"x\", b = ?a)).await;",
        "select! { () = g() => info!(?a), () = h() => { info!(b = ?a); } }",
        "struct S<T: ?Sized>(Box<T>);",
        "fn f<T: Send + ?Sized>(_: &T) where T: ?Sized {}",
        "if b { info!(?a); return; }",
    ];
    for line in marked {
        let with = |end: &str| format!("async |ctx| {{ {line} {end} }}");
        for end in
            ["ctx.cancelled().await;", "ctx.cancelled().await", "let r = 1; drop(r)", "loop {}"]
        {
            assert_all(false, &[with(end).as_str()]);
        }
        assert_all(true, &[with("f()?; Ok(())").as_str(), with("f()?; loop {}").as_str()]);
    }
    let exits =
        ["f?", "f()?", "f[0]?", "f {}?", "f.await?", "f.0?", "f??", "m!()?", "self?", "r#fn?"];
    for exit in exits {
        assert_all(true, &[format!("async |_| loop {{ {exit}; }}").as_str()]);
    }
}

/// Bodies nested so deeply that visiting each level twice would never end.
#[test]
fn each_outcome_is_looked_at_once() {
    let nested = |deep: usize, open: &str, close: &str, inner: &str| {
        let open = (0..deep).map(|level| open.replace('#', &level.to_string())).collect::<String>();
        let close = (0..deep).rev().map(|level| close.replace('#', &level.to_string()));
        format!("async |_| {{ {open} {inner} {} }}", close.collect::<String>())
    };
    for (open, close) in [
        ("'a#: { break 'a# ", "}"),
        ("'a: { break 'a ", "}"),
        ("'a#: { break 'a# { ", "}}"),
        ("'a#: { if b { break 'a# ", "} f() }"),
        ("'a#: loop { break 'a# ", "}"),
        ("'a#: loop { break ", "}"),
        ("loop { break ", "}"),
        ("return { ", "}"),
        ("return 'a#: { break 'a# ", "}"),
        ("{ let r# = ", "; r# }"),
        ("{ let mut r# = Ok(()); r# = ", "; r# }"),
        ("{ let mut r = Ok(()); r = ", "; r }"),
        ("'a#: { let mut r = Ok(()); r = ", "; break 'a# r }"),
        ("match b { 1 => ", ", _ => Ok(()) }"),
        ("select! { _ = b => ", ", _ = c => Ok(()) }"),
        ("async { ", "}.await"),
        ("f().or_else(|_| ", ")"),
        ("f().or_else(|_| { return ", "; })"),
        ("if b { Ok(()) } else { ", "}"),
        ("(", ")"),
    ] {
        for inner in ["Ok(())", "Err(MyErr)"] {
            is_fallible(&tokens(&nested(40, open, close, inner)));
        }
    }
}

#[test]
fn a_label_belongs_to_the_nearest_block_of_its_name() {
    assert_all(
        true,
        &[
            "async |_| 'a: { let x = 'a: { break 'a 5 }; f(x); break 'a Ok(()) }",
            "async |_| 'a: loop { let x = 'b: loop { break 'b g() }; break 'a Ok(()) }",
            "async |_| 'a: loop { loop { break 'a Ok(()) } }",
            "async |_| 'a: loop { 'b: { f(); break 'b; } break Ok(()) }",
            "async |_| { let r = Ok(()); if b { let r = 5; f(r); } r }",
            "async |_| { let mut r = Ok(()); if b { let mut r = 5; r = 6; f(r); } r }",
        ],
    );
    assert_all(
        false,
        &[
            "async |_| 'a: { 'b: { break 'b Ok(()) } ; break 'a Err(MyErr) }",
            "async |_| 'a: loop { loop { break 'a Err(MyErr) } }",
            "async |_| 'a: loop { 'b: loop { break 'a Err(MyErr) } break Ok(()) }",
            "async |_| 'a: { 'b: { if b { break 'a Err(MyErr) } break 'b Ok(()) } }",
            "async |_| 'a: { break 'a loop { break Err(MyErr) } }",
        ],
    );
}

#[test]
fn a_body_that_breaks_off_is_no_mistake_of_the_macro() {
    let body = "async |_| { 'a: loop { if let S { a } = f::<A, B>()? { break 'a Ok::<_, E>(()) } \
                else { match x { 1 => |y| -> R { z }, _ => return Err(|e| e.into()) } } } }";
    let bytes = body.chars().collect::<Vec<_>>();
    for end in 0..bytes.len() {
        let open = bytes[..end].iter().collect::<String>();
        let mut closers = Vec::new();
        for c in open.chars() {
            match c {
                '{' => closers.push('}'),
                '(' => closers.push(')'),
                '}' | ')' => {
                    closers.pop();
                }
                _ => {}
            }
        }
        let text = open + &closers.iter().rev().collect::<String>();
        if let Ok(tokens) = text.parse() {
            is_fallible(&tokens);
        }
    }
}

#[test]
fn a_condition_may_begin_with_a_macro_or_with_a_block() {
    assert_all(
        true,
        &[
            "async |_| { f().await?; if matches!(n(), Ok(1)) { g().await; } Ok(()) }",
            "async |_| { if cfg!(unix) { g(); } Ok(()) }",
            "async |_| { match format!(\"a\").as_str() { \"a\" => {} _ => {} } Ok(()) }",
            "async |_| { for x in vec![1] { g(x); } Ok(()) }",
            "async |_| { while matches!(n(), 1) {} Ok(()) }",
            "async |_| { if { flag() } { g(); } Ok(()) }",
            "async |_| { while { g(); flag() } { f().await?; } Ok(()) }",
            "async |_| { match { flag() } { true => {} _ => {} } Ok(()) }",
            "async |_| { for x in { 0..1 } { g(x); } Ok(()) }",
            "async |_| { f()?; async unsafe fn g() {} Ok(()) }",
        ],
    );
}

#[test]
fn a_bar_in_a_pattern_is_no_closure() {
    assert_all(
        false,
        &[
            "async |_| { match e() { | A => return Err(E), | B | C(_) => {} } Ok(()) }",
            "async |_| { match e() { | A | B => return Err(E), _ => {} } Ok(()) }",
            "async |_| { match 3 { 10.. | 0 => return Err(E), 3 | 4 => {} _ => {} } Ok(()) }",
        ],
    );
    assert_all(
        true,
        &[
            "async |_| { match e() { | A => {} | B => f()?, _ => {} } Ok(()) }",
            "async |_| { f()?; g(|x| { return Err(E); }); Ok(()) }",
        ],
    );
}

#[test]
fn each_block_that_may_be_the_end_counts() {
    assert_all(false, &["async |_| { #[cfg(unix)] { f().await } #[cfg(not(unix))] { Ok(()) } }"]);
    assert_all(
        true,
        &[
            "async |_| { f()?; #[cfg(unix)] { Ok(()) } #[cfg(not(unix))] { Ok(()) } }",
            "async |_| { f()?; #[allow(x)] { g() } Ok(()) }",
        ],
    );
}
