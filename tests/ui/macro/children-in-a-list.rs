use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        children = [worker, other],

        #[child]
        a = supervisor! {
            child(worker),
        },
    };
}
