use sage_supervisor::supervisor;

struct App {
    db: String,
}

fn main() {
    let app = App { db: String::new() };
    let _ = supervisor! {
        #[child(clone(app.db))]
        worker = async move |_| println!("{}", db.len()),
    };
}
