use sage_supervisor::supervisor;

fn main() {
    let inbox = String::new();
    let _ = supervisor! {
        #[child(lend(inbox))]
        worker = async |_| inbox.clear(),
    };
}
