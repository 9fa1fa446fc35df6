use sage_supervisor::supervisor;

fn main() {
    let db = String::new();
    let _ = supervisor! {
        #[child(clone(pool = db))]
        a = async move |_| println!("{}", pool.len()),

        #[child(clone(db as pool))]
        b = async move |_| println!("{}", pool.len()),

        #[child(clone(pool: db.clone()))]
        c = async move |_| println!("{}", pool.len()),

        #[child(clone(db: db))]
        d = async move |_| println!("{}", db.len()),
    };
}
