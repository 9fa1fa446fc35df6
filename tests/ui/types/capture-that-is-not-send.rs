use sage_supervisor::supervisor;

fn main() {
    let rc = std::rc::Rc::new(5);
    let _ = supervisor! {
        #[child]
        worker = move |_| {
            let rc = rc.clone();
            async move { drop(*rc) }
        },
    };
}
