use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #(child)
        a = |_| async {},

        #child(restart = "transient")
        b = |_| async {},
    };
}
