use sage_supervisor::{ChildContext, supervisor};

async fn nothing() {}

async fn borrowed(_: &ChildContext) {}

async fn more(_: ChildContext, db: String) {
    drop(db);
}

fn main() {
    let _ = supervisor! {
        #[child]
        nothing = nothing,

        #[child]
        borrowed = borrowed,

        #[child]
        more = more,
    };
}
