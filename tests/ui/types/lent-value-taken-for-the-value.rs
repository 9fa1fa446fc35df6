use sage_supervisor::{ChildContext, ChildSpec, supervisor};

async fn reader(_: ChildContext, inbox: String) {
    drop(inbox);
}

fn main() {
    let inbox = String::new();
    let _ = supervisor! {
        #[child(lend(inbox))]
        reader = async move |ctx| reader(ctx, inbox).await,
    };
    let _ = ChildSpec::lending("reader", String::new(), reader);
}
