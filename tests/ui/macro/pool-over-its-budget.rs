use sage_supervisor::supervisor;

fn main() {
    let count = 4;
    let _ = supervisor! {
        shutdown_budget = "15s",

        #[child(instances = 4)]
        worker = async |ctx| ctx.cancelled().await,
    };
    let _ = supervisor! {
        shutdown_budget = "15s",
        stop = "together",

        #[child(instances = 4)]
        worker = async |ctx| ctx.cancelled().await,

        #[child(instances = count)]
        others = async |ctx| ctx.cancelled().await,
    };
    let _ = supervisor! {
        shutdown_budget = "15s",

        #[child(instances = count)]
        worker = async |ctx| ctx.cancelled().await,
    };
}
