//! Bodies of closures, and whether they leave the error type open.

mod walks;

use proc_macro2::TokenStream;

use super::{as_plain_closure, is_async_block, is_closure, is_fallible};

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the test is made of tokens")
}

fn assert_all(fallible: bool, closures: &[&str]) {
    for closure in closures {
        assert_eq!(is_fallible(&tokens(closure)), fallible, "{closure}");
    }
}

#[test]
fn closures_are_told_from_other_values() {
    for closure in
        ["|ctx| x", "|| x", "move |a, b| {}", "async |c| {}", "async move |_| {}", "((|_| x))"]
    {
        assert!(is_closure(&tokens(closure)), "{closure}");
    }
    for other in
        ["worker", "a | b", "async {}", "async move { 1 }", "f(|x| x)", "move", "async", "", "()"]
    {
        assert!(!is_closure(&tokens(other)), "{other}");
    }
    assert!(is_async_block(&tokens("async move {}")));
    assert!(!is_async_block(&tokens("async {}.boxed()")));
    assert!(!is_async_block(&tokens("async")));
}

#[test]
fn an_async_move_closure_becomes_one_that_can_be_called_again() {
    for (closure, expected) in [
        ("async move |ctx| { f(ctx).await }", "move |ctx| async move { f(ctx).await }"),
        ("async move || f().await", "move || async move { f().await }"),
        ("async move |mut a: A, b| loop {}", "move |mut a: A, b| async move { loop {} }"),
        ("async move |_: A<B>| a || b", "move |_: A<B>| async move { a || b }"),
        ("async move |_| if a {} else {}.b()", "move |_| async move { if a {} else {}.b() }"),
        ("async move |_| { f() }.await", "move |_| async move { { f() }.await }"),
    ] {
        let moved = as_plain_closure(&tokens(closure)).expect("it is an async move closure");
        assert_eq!(moved.to_string(), tokens(expected).to_string());
    }
    for other in [
        "async |_| {}",
        "move |_| async move {}",
        "|_| {}",
        "async move {}",
        "async move |_| -> R { f() }",
        "async move |ref a| f(a)",
        "async move |(a, b)| f(a)",
        "async move |&a| f(a)",
        "async move |a @ b| f(a)",
        "async move |#[cfg(c)] a| f(a)",
        "async move |_| {} + 1",
        "async move |_| if a {} else {} == b",
        "async move |_| #[a] {}",
        "(async move |_| {})",
        "async move |_|",
        "async move",
    ] {
        assert!(as_plain_closure(&tokens(other)).is_none(), "{other}");
    }
}

#[test]
fn outcomes_that_leave_the_error_open_need_its_type() {
    assert_all(
        true,
        &[
            "async |ctx| { f()?; Ok(()) }",
            "async |ctx| loop { f().await?; }",
            "async |ctx| Ok(())",
            "(async |ctx| Ok(()))",
            "|ctx| async move { f().await?; Ok(()) }",
            "move |ctx| { let db = db.clone(); async move { db.ping().await?; Ok(()) } }",
            "|ctx| Box::pin(async move { f().await?; Ok(()) })",
            "|ctx| async move { f().await?; Ok(()) }.instrument(span)",
            "|ctx| { let run = async move { f().await?; Ok(()) }; run }",
            "async |_| match f().await { Ok(()) => Ok(()), Err(e) => Err(e.into()) }",
            "async |_| match f().await { Ok(()) => Ok(()), Err(e) => { Err(e.into()) } }",
            "async |_| { if a { return Err(\"text\".into()); } Ok(()) }",
            "async |_| { if a { Err(MyErr)?; } Ok(()) }",
            "async |_| if a { Ok(()) } else { Err(\"text\")? }",
            "async |_| { f().map_err(|e| e.into()) }",
            "async |_| { f().map_err(Into::into) }",
            "async |_| { f().await.map_err(Box::from) }",
            "async |_| loop { select! { x = f() => x?, _ = g() => break Ok(()) } }",
            "async |_| { tokio::select! { x = f() => { x?; Ok(()) } _ = g() => Ok(()) } }",
            "async |_| { let r = async { f()?; Ok(()) }.await; close().await; r }",
            "async |_| { let x = Ok::<u8, MyErr>(1); drop(x); io()?; Ok(()) }",
            "async |_| { let mut r = Ok(()); if a { r = Err(e.into()); } close().await; r }",
            "async |_| { io()?; std::future::pending().await }",
            "async |_| { io()?; std::process::exit(0) }",
            "async |_| { io()?; panic!() }",
            "async |_| ::core::result::Result::Ok(())",
            "async |_| Ok::<(), _>(())",
            "async |_| { io()?; Result::Ok(()) }",
            "async |_| { io()?; std::result::Result::Ok(()) }",
            "async |_| { io()?; pending().await }",
            "async |_| { io()?; futures::future::pending().await }",
            "async |_| { io()?; ::core::future::pending().await }",
            "async |_| f().await.or_else(|_| Ok(()))",
            "async |_| f().await.or_else(|e| { log(e); Ok(()) },)",
            "async |_| f().await.or_else(|e| match e { E::A => Ok(()), e => Err(e.into()) })",
            "async |_| f().await.or_else(move |_| return Ok(()))",
            "async |_| f().await.or_else(|e| Err(Box::from(e)))",
            "async |_| { if let S { a } = f() { g(a) } match h { S { .. } => {} } Ok(()) }",
            "async |_| { fn f() -> R { g() } select! { _ = f() => {} } #[cfg(unix)] { f() } Ok(()) }",
            "async |_| 'a: { if x { break 'a Ok(()) } io()?; Ok(()) }",
            "async |_| { unsafe { Ok(()) } }",
            "async |_| { while !a.b() { f()?; } Ok(()) }",
            "async |_| { if !a { f(); } else if !b { g(); } match !c { _ => {} } Ok(()) }",
            "async |_| { for x in [1; 2] { f(x).await?; } Ok(()) }",
            "async |_| { m! { a } { f()?; } let x = if a { 1 } else { 2 }; Ok(()) }",
            "async |_| { while let Some(Msg { x }) = rx.recv().await { g(x)?; } Ok(()) }",
            "async |_| { if let Some(x) = y && let S { z } = x { g(z)?; } Ok(()) }",
            "async |_| { match S::new() { S { a, .. } if a => f()?, _ => {} } Ok(()) }",
            "async |_| { match a { 1 => f()?, 2 => { g() } _ => return Ok(()) } Ok(()) }",
            "async |_| { use a::b; const A: u8 = 1; struct S { a: u8 } impl S { fn f() {} } Ok(()) }",
            "async |_| { let x = a < b; let y = c > d; f(x, y)?; Ok(()) }",
            "async |_| { if a < b { return Ok(()) } loop { if f()? > c { break } } Ok(()) }",
            "async |_| { let r: Result<u8, E> = match f() { Ok(x) => Ok(x), e => e }; g(r)?; Ok(()) }",
            "async |_| { let s = async { g()?; Ok::<u8, E>(1) }; s.await?; Ok(()) }",
            "async |ctx| { ctx.run(|x| async move { g(x)?; Err(E) }).await; io()?; Ok(()) }",
            "async |_| { let ok = v.iter().map(|x| -> R<A, B> { y }).all(f); g(ok)?; Ok(()) }",
            "async |_| { if a || b { return Err(e.into()); } Ok(()) }",
        ],
    );
}

#[test]
fn an_outcome_with_an_error_type_of_its_own_fixes_it() {
    assert_all(
        false,
        &[
            "async |ctx| -> Result<(), E> { f()?; Ok(()) }",
            "|ctx| async move { f()?; Ok::<(), E>(()) }",
            "async |_| { f()?; Result::<(), E>::Ok(()) }",
            "async |c| { if c.restarts() > 3 { return Err(MyErr); } Ok(()) }",
            "async |_| { f()?; if a { return Err(MyErr::new(1)); } Ok(()) }",
            "async |_| match f() { Ok(x) if x > 1 => Ok(()), Ok(_) => Ok(()), Err(e) => Err(e) }",
            "async |_| { let x = match f() { Ok(x) => x, Err(e) => return Err(e) }; g(x)?; Ok(()) }",
            "async |_| { let Some(x) = f() else { return Err(MyErr) }; g(x); Ok(()) }",
            "async |_| if a { Ok(()) } else if b { Ok(()) } else { Err(MyErr) }",
            "async |_| { io()?; serve().await }",
            "async |_| { let x = f(g()?, || 1); x }",
            "async |_| { let r: Result<(), MyErr> = f().await; g()?; r }",
            "async |_| { io()?; tokio::select! { r = f() => r, _ = g() => Ok(()) } }",
            "async |_| loop { if a { break Ok(()); } if b { break Err(MyErr); } f()?; }",
            "async |_| { if a { bail!(\"text\"); } f()?; Ok(()) }",
            "async |_| { f().map_err(MyErr::from)?; f().map_err(MyErr::from) }",
            "async |_| { if a { return Err(BoxError::from(\"text\")); } f()?; Ok(()) }",
            "async |_| { if a { return Err(Box::new(MyErr)); } Ok(()) }",
            "async |_| { let mut r = Ok(()); for x in y { if let Err(e) = x.f() { r = Err(e); } } r }",
            "async |_| 'a: { if x { break 'a Err(MyErr) } Ok(()) }",
            "async |_| Err(io::Error::other(\"text\"))",
            "async |_| { f()?; anyhow::Ok(()) }",
            "async |_| { f()?; eyre::Ok(()) }",
            "async |_| { f()?; io::Result::Ok(()) }",
            "async |_| { f()?; std::io::Result::Ok(()) }",
            "async |_| { f()?; Res::Ok(()) }",
            "async |_| { f()?; my::Result::Ok(()) }",
            "async |_| { f()?; Res::Err(e.into()) }",
            "async |ctx| pending(ctx).await",
            "async |ctx| jobs::pending(ctx).await",
            "async |_| jobs::pending().await",
            "async |_| f().await.or_else(|e| Err(MyErr(e)))",
            "async |_| f().await.or_else(|e| if e.a() { Ok(()) } else { Err(e) })",
            "async |_| f().await.or_else(|e| g(e))",
            "async |_| f().await.or_else(recover)",
            "async |_| f().await.or_else(|_| anyhow::Ok(()))",
        ],
    );
}

/// With `()` at the end, a `?` has nothing to convert into. The compiler reports the `?`, and a
/// given error type would hide that.
#[test]
fn a_body_that_ends_with_nothing_is_given_no_error_type() {
    assert_all(
        false,
        &[
            "async |_| { f()?; }",
            "async |_| { f()?; g().await?; }",
            "|_| async move { f()?; }",
            "async |ctx| { while !ctx.is_cancelled() { f()?; } }",
            "async |_| { for x in y { f(x)?; } }",
            "async |_| { if let Ok(x) = f() { g(x?); } }",
            "async |_| { f()?; println!(\"done\"); }",
            "async |_| { f()?; tracing::info!(a, \"done\"); }",
        ],
    );
    assert_all(
        true,
        &[
            "async |_| { f()?; return Ok(()); }",
            "async |_| { return Err(\"text\")?; }",
            "async |_| { if a { return Ok(()); } f()?; }",
            "async |_| { f()?; loop { g().await; } }",
            "async |_| { f()?; std::process::exit(1); }",
            "async |_| { f()?; panic!(); }",
            "async |_| { f()?; forever().await; }",
            "async |_| { if a { f()?; loop {} } else { panic!() } }",
        ],
    );
}

#[test]
fn what_is_not_an_outcome_does_not_count() {
    assert_all(
        false,
        &[
            "async |ctx| ctx.cancelled().await",
            "async |_| { while let Ok(x) = rx.recv().await { f(x); } }",
            "async |_| { while let Some(Ok(x)) = rx.next().await {} }",
            "async |_| { let Ok(x) = f() else { return }; }",
            "async |_| match f().await { Ok(x) | Err(x) => g(x) }",
            "async |_| { match f() { Ok(()) => {} Err(e) => log(e) } }",
            "async |_| { matches!(f(), Ok(_)); }",
            "async |_| { select! { Ok(x) = f() => g(x), _ = h() => {} } }",
            "async |_| { let r: Result<(), E> = async { f()?; Ok(()) }.await; }",
            "async |_| { spawn(async move { f()?; Ok(()) }); }",
            "async |_| { let f = |x: &str| x.parse::<u8>().map(|x| Ok(x))?; f(1); }",
            "|ctx| { spawn(move |x| g(x)?, 1); async move { h().await } }",
            "|ctx| { spawn(async move { g().await?; let r: R<(), E> = g().await; r }); async { h() } }",
            "async |_| { fn f() -> R { g()?; Ok(()) } f(); }",
            "async |_| { tx.send(Ok(5)).ok(); }",
            "async |_| { let r: Result<u8, MyErr> = Ok(3); drop(r); }",
            "async |_| { assert_eq!(\"3\".parse::<u8>(), Ok(3)); }",
            "async |_| { assert_eq!(\"3\".parse::<u8>(), Ok(3)) }",
            "async |_| { v.push(Ok(1)); let s = S { r: Ok(1) }; if f(Ok(1)) {} }",
            "async |_| { let v = vec![Ok(1), Err(MyErr)]; drop(v); }",
            "async |_| { let f = |x: u8| -> Result<u8, E> { if x > 0 { Err(E)?; } Ok(x) }; f(1).ok(); }",
            "async |_| { let f = async move || -> Result<(), E> { g()?; Ok(()) }; f().await.ok(); }",
            "async |_| { let f = |x| match x { 1 => return Ok(()), _ => Err(E) }; f(1).ok(); }",
            "async |_| { let f = |x| g::<A, B>(x)?; f(1); }",
            "async |_| { match a { 1 => f(|x| -> R<A, B> { g(x)? }), _ => drop(|x| x?) } }",
            "async |_| { let f: fn(u8) -> R<A, B> = g; f(1); }",
            "async |_| { loop { let x = loop { break Ok::<u8, E>(1) }; if f(x) { break } } }",
        ],
    );
}
