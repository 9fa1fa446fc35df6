use sage_supervisor::supervisor;

fn check() -> Result<(), std::fmt::Error> {
    Ok(())
}

fn log() {}

fn main() {
    let _ = supervisor! {
        #[child]
        a = async |_| {
            check()?;
            log()
        },

        #[child]
        b = |_| async move {
            check()?;
            log()
        },
    };
}
