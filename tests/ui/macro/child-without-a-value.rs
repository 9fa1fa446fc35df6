use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child]
        a,

        #[child]
        b =,

        #[child]
        c
    };
}
