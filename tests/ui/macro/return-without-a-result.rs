use sage_supervisor::supervisor;

async fn poll() -> std::io::Result<bool> {
    Ok(true)
}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = async |ctx| {
            if ctx.is_cancelled() {
                return;
            }
            match poll().await? {
                true => return,
                false => {}
            }
            poll().await?;
            Ok(())
        },

        #[child]
        inner = |_| async move {
            let quit = |stop: bool| {
                if stop {
                    return;
                }
            };
            quit(poll().await?);
            drop(quit);
        },
    };
}
