use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name "app",

        #[child]
        worker |_| async {},

        #[child]
        reader(5),
    };
}
