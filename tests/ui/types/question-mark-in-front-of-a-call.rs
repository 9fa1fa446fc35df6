use sage_supervisor::supervisor;

fn check() -> Result<(), std::fmt::Error> {
    Ok(())
}

async fn work() {}

fn main() {
    let _ = supervisor! {
        #[child]
        a = async |_| {
            check()?;
            work().await
        },
    };
}
