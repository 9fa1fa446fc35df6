use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sage_supervisor::{ChildContext, child, supervisor};

#[child(restart = "temporary")]
async fn function(_: ChildContext, count: Arc<AtomicUsize>, by: usize) {
    count.fetch_add(by, Ordering::SeqCst);
}

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let count = Arc::new(AtomicUsize::new(0));
    let mut app = supervisor! {
        name = "app",
        max_restarts = "unlimited",

        #[child(restart = "transient", clone(count))]
        fails_twice = async move |ctx| {
            count.fetch_add(1, Ordering::SeqCst);
            if ctx.restarts() < 2 {
                Err("not yet")?;
            }
            Ok(())
        },

        #[child]
        function = function(Arc::clone(&count), 10),

        #[child]
        nested = supervisor! {
            name = "inner",

            #[child(restart = "temporary", clone(count))]
            leaf = move |ctx| async move {
                assert_eq!(ctx.path(), "app/inner/leaf");
                count.fetch_add(100, Ordering::SeqCst);
            },
        },
    };
    app.run().await.expect("every child ends normally");
    assert_eq!(count.load(Ordering::SeqCst), 113);
}
