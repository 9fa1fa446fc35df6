//! A child that computes without a pause. Such a child gets a thread of its own, so that it does
//! not hold up the others, and checks for cancellation between two pieces of work.
//!
//! `cargo run --example blocking`

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sage_supervisor::prelude::*;

const PIECE: u64 = 10_000;

fn is_prime(number: u64) -> bool {
    number > 1 && (2..).take_while(|d| d * d <= number).all(|d| number % d != 0)
}

/// The progress of the search. It outlives the instances, so the next instance goes on from there.
#[derive(Default)]
struct Search {
    next: AtomicU64,
    found: AtomicU64,
}

fn search(ctx: &BlockingContext, search: &Search) -> Result<(), String> {
    println!("search: thread {:?} goes on", std::thread::current().name().unwrap_or_default());
    while !ctx.is_cancelled() {
        let first = search.next.load(Ordering::Relaxed);
        if ctx.restarts() == 0 && first >= 5 * PIECE {
            return Err(format!("a slip at {first}"));
        }
        let found = (first..first + PIECE).filter(|&number| is_prime(number)).count();
        search.found.fetch_add(found as u64, Ordering::Relaxed);
        search.next.store(first + PIECE, Ordering::Relaxed);
    }
    println!("search: asked to stop, and stops");
    Ok(())
}

async fn clock(ctx: ChildContext, state: Arc<Search>) {
    // The clock ticks although the search never yields.
    while !ctx.is_cancelled() {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let [found, next] = [&state.found, &state.next].map(|count| count.load(Ordering::Relaxed));
        println!("clock: {found} primes below {next}");
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> SageResult<()> {
    let state = Arc::new(Search::default());
    let for_search = Arc::clone(&state);
    let app = supervisor! {
        name = "primes",

        #[child(shutdown = "2s")]
        search = ChildSpec::blocking("search", move |ctx| search(&ctx, &for_search)),

        #[child(shutdown = "1s", clone(state))]
        clock = async move |ctx| clock(ctx, state).await,
    };
    let app = app.start();
    tokio::time::sleep(Duration::from_millis(500)).await;
    println!("\n{}\n", app.handle().tree().await.map_err(SageError::other)?);
    app.shutdown().await
}
