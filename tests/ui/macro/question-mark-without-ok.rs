use sage_supervisor::supervisor;

async fn poll() -> std::io::Result<()> {
    Ok(())
}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = async |_| {
            poll().await?;
        },

        #[child]
        second = |_| async {
            poll().await?;
        },

        #[child]
        third = async |ctx| {
            while !ctx.is_cancelled() {
                poll().await?;
            }
        },
    };
}
