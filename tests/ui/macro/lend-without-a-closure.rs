use sage_supervisor::{ChildContext, Lent, child, supervisor};

async fn reader(_: ChildContext, _: Lent<String>) {}

#[child]
async fn worker(_: ChildContext, inbox: Lent<String>) {
    drop(inbox);
}

fn main() {
    let log = String::new();
    let _ = supervisor! {
        #[child(lend(inbox))]
        reader = reader,

        #[child(lend(log))]
        worker = worker(log),

        #[child(lend(cache))]
        nested = supervisor! {
            #[child]
            worker = async |_| {},
        },
    };
}
