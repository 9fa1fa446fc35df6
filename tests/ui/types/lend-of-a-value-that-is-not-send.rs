use sage_supervisor::supervisor;

fn main() {
    let rc = std::rc::Rc::new(5);
    let _ = supervisor! {
        #[child(lend(rc))]
        worker = async move |_| drop(rc),
    };
}
