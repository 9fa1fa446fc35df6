use sage_supervisor::{ChildContext, supervisor};

async fn worker(_: ChildContext) {}

fn main() {
    let _ = supervisor! {
        name = "app",
        let size = 3;

        for i in 0..3 {
            #[child]
            worker = worker,
        }

        if true {
            #[child]
            one = worker,
        } else {
            #[child]
            other = worker,
        },

        #[child(restart = "x")]
        last = worker,
    };
}
