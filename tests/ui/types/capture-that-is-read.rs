use sage_supervisor::supervisor;

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child]
        worker = async move |_| println!("{db}"),
    };
}
