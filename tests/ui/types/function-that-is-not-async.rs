use sage_supervisor::{BlockingContext, ChildContext, supervisor};

fn worker(_: ChildContext) {}

fn crunch(_: BlockingContext) {}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = worker,

        #[child]
        crunch = crunch,
    };
}
