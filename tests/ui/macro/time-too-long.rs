use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        within = "99999999999999999999s",

        #[child]
        worker = |_| async {},
    };
}
