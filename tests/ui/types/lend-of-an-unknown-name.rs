use sage_supervisor::supervisor;

fn main() {
    let inbox = String::new();
    let _ = supervisor! {
        #[child(lend(imbox))]
        worker = async move |_| imbox.clear(),
    };
    drop(inbox);
}
