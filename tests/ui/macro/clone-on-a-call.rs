use sage_supervisor::{ChildContext, child, supervisor};

#[child]
async fn worker(_: ChildContext, inbox: String, totals: String) {
    drop((inbox, totals));
}

fn main() {
    let (inbox, totals) = (String::new(), String::new());
    let _ = supervisor! {
        #[child(clone(totals))]
        worker_1 = worker(inbox.clone(), totals),

        #[child(clone(inbox, totals))]
        worker_2 = self::worker(inbox.clone(), totals.clone()),
    };
}
