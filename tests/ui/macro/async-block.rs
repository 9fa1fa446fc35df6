use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        worker = async {},

        #[child]
        mover = async move { loop {} },
    };
}
