use sage_supervisor::supervisor;

fn main() {
    let lock = std::sync::Arc::new(std::sync::Mutex::new(5));
    let _ = supervisor! {
        #[child(clone(lock))]
        worker = async move |_| {
            let guard = lock.lock();
            tokio::task::yield_now().await;
            drop(guard);
        },
    };
}
