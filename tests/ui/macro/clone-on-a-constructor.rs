use sage_supervisor::{ChildContext, ChildSpec, CommandSpec, supervisor};
use tokio::process::Command;

async fn worker(_: ChildContext) {}

fn mapped(map: fn(u8) -> u8, _: &str) -> ChildSpec {
    ChildSpec::new(map(1).to_string(), worker)
}

fn main() {
    let (db, name) = (String::new(), String::new());
    let _ = supervisor! {
        #[child(clone(db))]
        crunch = ChildSpec::blocking("crunch", move |_| println!("{db}")),

        #[child(clone(db, name))]
        proxy = ChildSpec::command("proxy", move || CommandSpec::new(Command::new(&name))).significant(),

        #[child(clone(db))]
        worker = sage_supervisor::ChildSpec::new("worker", worker),

        #[child(clone(db))]
        mapped = mapped(|x| x + 1, &db),
    };
}
