use sage_supervisor::supervisor;

async fn worker() {}

fn main() {
    let _ = supervisor! {
        #[child]
        worker = worker(),
    };
}
