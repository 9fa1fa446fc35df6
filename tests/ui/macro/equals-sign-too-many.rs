use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        name = = "app",

        #[child(restart == "transient")]
        a == |_| async {},
    };
}
