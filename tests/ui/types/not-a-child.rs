use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        number = 5,

        #[child]
        text = "worker",
    };
}
