//! `async move` closures, whose expansion is another closure wherever that changes nothing.
#![deny(warnings)]

use sage_supervisor::{ChildContext, supervisor};

struct Wrapped(ChildContext);

async fn one(ctx: &ChildContext) -> Result<u64, std::io::Error> {
    Ok(ctx.restarts())
}

fn main() {
    let (name, size) = ("a", 3_u64);
    drop(supervisor! {
        #[child]
        borrowed = async move |ref ctx: ChildContext| ctx.cancelled().await,

        #[child]
        bound = async move |ctx @ _: ChildContext| ctx.cancelled().await,

        #[child]
        changed = async move |mut ctx: ChildContext| {
            ctx = ctx.clone();
            ctx.cancelled().await;
        },

        #[child]
        with_attributes = async move |#[cfg(all())] ctx: ChildContext, #[cfg(any())] b: u8| {
            ctx.cancelled().await
        },

        #[child]
        with_closures = async move |_| {
            let add = |a: u64| move |b: u64| if b > 1 { return a } else { a + b + size };
            drop(add(1)(2).to_string() + name);
        },

        #[child]
        labelled = async move |ctx| 'a: {
            if ctx.restarts() > size {
                break 'a;
            }
            'b: loop {
                if ctx.is_cancelled() {
                    break 'b;
                }
                return;
            }
        },

        #[child]
        fallible = async move |ctx| {
            if one(&ctx).await? > size {
                return Ok(());
            }
            Err(name)?
        },

        #[child]
        by_branches = async move |ctx| if ctx.restarts() > size { one(&ctx) } else { one(&ctx) }
            .await
            .map(|_| ()),

        #[child]
        by_operator = async move |ctx| { [drop(ctx)] } [0],

        #[child]
        by_macro = async move |ctx| tokio::select! {
            () = ctx.cancelled() => {}
            () = std::future::pending() => {}
        },

        #[child]
        wrapped = async move |ctx| {
            let Wrapped(ctx) = Wrapped(ctx);
            ctx.cancelled().await;
        },
    });
}
