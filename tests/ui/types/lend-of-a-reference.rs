use sage_supervisor::supervisor;

fn main() {
    let text = String::new();
    let text = text.as_str();
    let _ = supervisor! {
        #[child(lend(text))]
        worker = async move |_| println!("{text:?}"),
    };
}
