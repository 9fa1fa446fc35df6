use sage_supervisor::prelude::*;

trait Store {
    fn len(&self) -> usize;
}

fn tree<S: Store>(store: S) -> Supervisor {
    supervisor! {
        #[child(clone(store))]
        watch = async move |_| println!("{}", store.len()),
    }
}

#[child]
async fn cache<S: Store>(_: ChildContext, store: S) {
    println!("{}", store.len());
}

fn main() {
    let _ = tree::<Vec<u32>>;
}

impl Store for Vec<u32> {
    fn len(&self) -> usize {
        self.len()
    }
}
