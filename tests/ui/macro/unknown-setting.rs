use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        stratgy = "one_for_one",
        colour = "red",

        #[child]
        worker = |_| async {},
    };
}
