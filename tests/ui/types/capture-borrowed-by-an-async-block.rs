use sage_supervisor::supervisor;

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child]
        worker = move |_| async { println!("{db}") },
    };
}
