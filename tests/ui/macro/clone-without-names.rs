use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(clone)]
        a = |_| async {},

        #[child(clone = db)]
        b = |_| async {},

        #[child(clone())]
        c = |_| async {},
    };
}
