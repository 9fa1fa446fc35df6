use sage_supervisor::{ChildContext, ChildSpec, DynamicSupervisor, child, supervisor};
use tokio::process::Command;

#[child(every = "0ms")]
async fn worker(ctx: ChildContext) {
    ctx.cancelled().await;
}

fn main() {
    let _ = supervisor! {
        #[child(every = "0s")]
        zero = |_| async {},

        #[child(every = 5)]
        unit = |_| async {},

        #[child(every("5m"))]
        list = |_| async {},

        #[child(every)]
        bare = |_| async {},

        #[child(interval = "5m")]
        other_word = |_| async {},

        #[child(evry = "5m")]
        misspelt = |_| async {},

        #[child(every = "5m")]
        jobs = supervisor! {
            #[child]
            a = |_| async {},
        },

        #[child(every = "5m")]
        dynamic = DynamicSupervisor::new(),

        #[child(every = "5m")]
        backup = ChildSpec::command("backup", || Command::new("backup")),

        #[child(every = "5m")]
        driven = ChildSpec::command("driven", || Command::new("backup")).ready_on_line(|line| line == "up"),
    };
}
