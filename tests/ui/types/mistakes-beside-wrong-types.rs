use sage_supervisor::supervisor;

async fn worker(_: sage_supervisor::ChildContext) -> u32 {
    42
}

fn main() {
    let _ = supervisor! {
        strategy = "one-for-one",

        #[child(restart = "trasient")]
        worker = worker

        #[child]
        number = 5,
    };
}
