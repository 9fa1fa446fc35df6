//! The error type of a closure: its own where its outcomes have one, else `BoxError`.

#![deny(warnings)]

use std::convert::Infallible;
use std::fmt;
use std::io;

use sage_supervisor::{BoxError, ChildContext, Supervisor, supervisor};

#[derive(Debug, PartialEq)]
struct MyErr;

impl fmt::Display for MyErr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mine")
    }
}

impl std::error::Error for MyErr {}

impl From<io::Error> for MyErr {
    fn from(_: io::Error) -> Self {
        Self
    }
}

struct S {
    r: Result<u8, MyErr>,
}

fn io() -> io::Result<()> {
    Ok(())
}

async fn serve() -> Result<(), MyErr> {
    Ok(())
}

async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn is_ok(result: Result<u8, MyErr>) -> bool {
    result.is_ok()
}

fn not_outcomes() -> Supervisor {
    let (tx, _rx) = tokio::sync::mpsc::unbounded_channel::<Result<u8, MyErr>>();
    supervisor! {
        #[child(clone(tx))]
        sent = async move |ctx| {
            tx.send(Ok(5)).ok();
            ctx.cancelled().await;
        },

        #[child]
        bound = async |_| {
            let r: Result<u8, MyErr> = Ok(3);
            drop(r);
        },

        #[child]
        compared = async |_| {
            assert_eq!("3".parse::<u8>(), Ok(3));
        },

        #[child]
        arguments = async |_| {
            let mut v = Vec::<Result<u8, MyErr>>::new();
            v.push(Ok(1));
            let s = S { r: Ok(1) };
            if is_ok(Ok(1)) {
                drop((v, s.r));
            }
            drop(vec![Ok(1), Err(MyErr)]);
        },

        #[child]
        inner_closure = async |_| {
            let f = |x: u8| -> Result<u8, MyErr> {
                if x > 0 {
                    Err(MyErr)?;
                }
                Ok(x)
            };
            f(1).ok();
        },

        #[child]
        inner_async_closure = async |_| {
            let f = async move || -> Result<(), MyErr> {
                io()?;
                Ok(())
            };
            f().await.ok();
        },

        #[child]
        spawned = |ctx| {
            tokio::spawn(async move {
                serve().await?;
                let r: Result<(), MyErr> = serve().await;
                r
            });
            async move { worker(ctx).await }
        },
    }
}

fn errors_of_their_own() -> Supervisor {
    supervisor! {
        #[child]
        early = async |ctx| {
            if ctx.restarts() > 3 {
                return Err(MyErr);
            }
            Ok(())
        },

        #[child]
        question_mark_into_it = async |ctx| {
            io()?;
            if ctx.restarts() > 3 {
                return Err(MyErr);
            }
            Ok(())
        },

        #[child]
        let_else = async |ctx| {
            let Some(limit) = ctx.restarts().checked_sub(3) else { return Err(MyErr) };
            assert!(limit < 5);
            Ok(())
        },

        #[child]
        matched = async |_| match serve().await {
            Ok(()) => Ok(()),
            Err(e) => Err(e),
        },

        #[child]
        chosen = async |ctx| if ctx.restarts() > 3 { Err(MyErr) } else { Ok(()) },

        #[child]
        tail = async |_| {
            io()?;
            serve().await
        },

        #[child]
        kept = async |ctx| {
            let result = serve().await;
            io()?;
            ctx.cancelled().await;
            result
        },

        #[child]
        selected = async |ctx| {
            io()?;
            tokio::select! {
                result = serve() => result,
                () = ctx.cancelled() => Ok(()),
            }
        },

        #[child]
        broken = async |ctx| loop {
            io()?;
            if ctx.restarts() > 3 {
                break Err(MyErr);
            }
            if ctx.is_cancelled() {
                break Ok(());
            }
            ctx.cancelled().await;
        },

        #[child]
        text = async |ctx| {
            if ctx.restarts() > 3 {
                return Err("too often");
            }
            Ok(())
        },

        #[child]
        boxed = async |ctx| {
            io()?;
            if ctx.restarts() > 3 {
                return Err(BoxError::from("too often"));
            }
            Ok(())
        },

        #[child]
        collected = async |_| {
            let mut result = Ok(());
            for _ in 0..3 {
                if let Err(e) = serve().await {
                    result = Err(e);
                }
            }
            result
        },

        #[child]
        labelled = async |ctx| 'work: {
            if ctx.is_cancelled() {
                break 'work Err(MyErr);
            }
            Ok(())
        },

        #[child]
        boxed_itself = async |ctx| {
            if ctx.restarts() > 3 {
                return Err(Box::new(MyErr));
            }
            Ok(())
        },

        #[child]
        joined = async |_| tokio::spawn(async { io().map_err(BoxError::from) }).await?,

        #[child]
        named = |_| async {
            io()?;
            Ok::<(), MyErr>(())
        },
    }
}

fn left_open() -> Supervisor {
    supervisor! {
        #[child]
        ok = async |_| Ok(()),

        #[child]
        #[allow(unused_parens)]
        in_parentheses = (async |_| Ok(())),

        #[child]
        question_mark = async |_| {
            io()?;
            Ok(())
        },

        #[child]
        ok_of_another = async |_| {
            let x = Ok::<u8, MyErr>(1);
            drop(x);
            io()?;
            Ok(())
        },

        #[child]
        converted = async |ctx| {
            if ctx.restarts() > 3 {
                return Err("text".into());
            }
            Ok(())
        },

        #[child]
        returned_by_question_mark = async |ctx| {
            drop(ctx);
            return Err("text")?;
        },

        #[child]
        raised = async |ctx| if ctx.is_cancelled() { Ok(()) } else { Err("text")? },

        #[child]
        mapped = async |_| serve().await.map_err(Into::into),

        #[child]
        mapped_by_a_closure = async |_| serve().await.map_err(|e| e.into()),

        #[child]
        forever = async |_| {
            io()?;
            std::future::pending().await
        },

        #[child]
        exits = async |_| {
            io()?;
            panic!("done")
        },

        #[child]
        kept = async |ctx| {
            let result = async {
                io()?;
                Ok(())
            }
            .await;
            ctx.cancelled().await;
            result
        },

        #[child]
        selected = async |ctx| {
            tokio::select! {
                result = serve() => {
                    result?;
                    Ok(())
                }
                () = ctx.cancelled() => Ok(()),
            }
        },

        #[child]
        pinned = |_| Box::pin(async {
            io()?;
            Ok(())
        }),

        #[child]
        open_by_hand = async |_| Ok::<(), _>(()),

        #[child]
        inferred_never = async |_| -> Result<(), Infallible> { Ok(()) },
    }
}

/// The value of an `Ok` need not be written as `()`.
fn nothing_in_an_ok() -> Supervisor {
    fn nothing() {}
    let (label, list) = (String::new(), Vec::<u8>::new());
    supervisor! {
        #[child]
        called = async |_| {
            io()?;
            Ok(nothing())
        },

        #[child(clone(label))]
        cloned = async move |_| {
            io()?;
            Ok(drop(label))
        },

        #[child(lend(list))]
        lent = async move |_| {
            io()?;
            Ok(list.clear())
        },
    }
}

fn main() {
    drop(nothing_in_an_ok());
    drop((not_outcomes(), errors_of_their_own(), left_open()));
}
