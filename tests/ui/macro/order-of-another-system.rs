use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        start = "parallel",
        stop = "togethr",

        #[child]
        a = async |ctx| ctx.cancelled().await,

        #[child]
        inner = supervisor! {
            start = true,
            stop("together"),
            shutdown_budget = "1s",

            #[child]
            b = async |ctx| ctx.cancelled().await,
        },
    };
    let _ = supervisor! {
        shutdown_budget = "4s",

        #[child]
        pool = supervisor! {
            stop = "together",

            #[child]
            a = async |ctx| ctx.cancelled().await,

            #[child(shutdown = "2s")]
            b = async |ctx| ctx.cancelled().await,
        },
    };
}
