use sage_supervisor::supervisor;

async fn worker(_: sage_supervisor::ChildContext) {}

fn main() {
    let _ = supervisor! {
        #[child(clone(db))]
        worker = worker,

        #[child(clone(db))]
        nested = supervisor! {
            #[child]
            worker = worker,
        },
    };
}
