//! Values that are lent.

#![deny(warnings)]

use sage_supervisor::prelude::*;
use tokio::sync::mpsc;

/// Neither `Clone` nor `Sync`.
struct Cache(std::cell::Cell<u32>);

/// The constructor takes an `mpsc::Receiver<T>`.
#[child(restart = "transient")]
async fn reader<T: Send + 'static>(
    ctx: ChildContext,
    name: String,
    mut inbox: Lent<mpsc::Receiver<T>>,
    (low, high): (u32, u32),
    calls: sage_supervisor::Lent<Vec<(String, u32)>>,
) -> std::io::Result<()> {
    while inbox.recv().await.is_some() {
        println!("{name} {} {low} {high} {}", ctx.path(), calls.len());
    }
    Ok(())
}

#[child]
async fn only_lent(_: ChildContext, mut count: Lent<u32>) {
    *count += 1;
}

fn main() {
    let (_calls, inbox) = mpsc::channel::<std::cell::Cell<u32>>(8);
    let _: ChildSpec = reader("a".into(), inbox, (1, 2), vec![]);
    let _: ChildSpec = only_lent(0);

    let (orders, inbox) = mpsc::channel::<u32>(8);
    let (cache, looked_at, error) = (Cache(std::cell::Cell::new(0)), 7, String::new());
    let _ = supervisor! {
        #[child(lend(inbox, cache), clone(orders))]
        several = async move |ctx| {
            while let Some(order) = inbox.recv().await {
                if Lent::last_holder_panicked(&inbox) {
                    cache.0.set(0);
                }
                *cache = Cache((cache.0.get() + order).into());
                drop((&orders, ctx.path()));
            }
        },

        #[child(lend(looked_at))]
        is_not_changed = move |_| async move { assert_eq!(*looked_at, 7) },

        #[child(lend(error), restart = "transient")]
        leaves_its_error_open = async move |_| {
            error.push('!');
            std::io::Result::Ok(())?;
            drop(error); // goes back early
            Ok(())
        },
    };
    drop(orders);

    #[cfg(all())]
    let rx = 1;
    let _ = supervisor! {
        #[cfg(any())]
        #[child(lend(rx))]
        one = async move |_| drop(rx),

        #[cfg(not(any()))]
        #[child(lend(rx))]
        other = async move |_| drop(rx),
    };

    // A loan stays with its owner, and lends what it holds as another value is lent.
    let (count, words) = (Loan::new(0_u32), Loan::new(Vec::new()));
    let plain = String::new();
    let _ = supervisor! {
        #[child(lend(count, plain, words), restart = "transient")]
        several_kinds = async move |_| {
            *count += 1;
            words.push(std::mem::take(&mut *plain));
            std::io::Result::Ok(())?;
            Ok(())
        },
    };
    let _: (Option<u32>, Option<Vec<String>>) = (count.take(), words.take());
}
