use sage_supervisor::supervisor;

fn main() {
    let (db, cache) = (String::new(), String::new());
    let _ = supervisor! {
        #[child(lend(cache))]
        worker = async move |_| {
            println!("{db} {cache}");
        },
    };
}
