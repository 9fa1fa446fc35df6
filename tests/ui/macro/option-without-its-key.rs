use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child("transient")]
        a = |_| async {},

        #[child(:temporary, "3s")]
        b = |_| async {},

        #[child(RestartPolicy::Transient)]
        c = |_| async {},
    };
}
