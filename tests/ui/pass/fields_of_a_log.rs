//! `?field` of `tracing` is no `?` of a fallible body.

use sage_supervisor::prelude::*;
use tracing::{Span, debug, info, info_span};

fn main() {
    let order = 3;
    let _supervisor = supervisor! {
        #[child]
        named = async |ctx| {
            info!(path = ?ctx.path(), "up");
            ctx.cancelled().await;
        },

        #[child]
        first = async move |ctx| {
            info!(?order, "up");
            ctx.cancelled().await
        },

        #[child]
        last = async move |ctx| {
            ctx.cancelled().await;
            info!(?order, "down")
        },

        #[child(clone(order))]
        span = async move |ctx| {
            let span = info_span!("x", ?order, other = %order);
            span.in_scope(|| debug!(?order));
            ctx.cancelled().await;
        },

        #[child]
        arms = async |ctx| loop {
            tokio::select! {
                () = ctx.cancelled() => break info!(path = ?ctx.path()),
                () = tokio::task::yield_now() => { info!(path = ?ctx.path()); }
            }
        },

        #[child]
        early = async |ctx| {
            if ctx.restarts() == 0 {
                debug!(?ctx, "up");
                return;
            }
            while ctx.restarts() > 4 {
                ctx.cancelled().await;
            }
        },

        #[child]
        future = |ctx: ChildContext| async move {
            Span::current().in_scope(|| debug!(path = ?ctx.path()));
            ctx.cancelled().await;
        },

        #[child]
        unsized_item = async |ctx| {
            fn name<T: ?Sized>(_: &T) -> &'static str {
                std::any::type_name::<T>()
            }
            info!(name = ?name("text"));
            ctx.cancelled().await;
        },

        #[child]
        fallible = async |ctx| {
            info!(path = ?ctx.path(), port = ?"80".parse::<u16>()?, "up");
            ctx.cancelled().await;
            Ok(())
        },
    };
}
