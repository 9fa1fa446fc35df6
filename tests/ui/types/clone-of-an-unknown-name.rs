use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        #[child(clone(db))]
        worker = async move |_| {},
    };
}
