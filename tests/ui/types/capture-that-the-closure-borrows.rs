use sage_supervisor::supervisor;

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child]
        worker = |_| async { println!("{db}") },
    };
}
