use sage_supervisor::supervisor;

fn main() {
    let (inbox, cache) = (String::new(), String::new());
    let _ = supervisor! {
        #[child(lend(inbox, cache))]
        worker_1 = async move |_| drop((inbox, cache)),

        #[child(lend(inbox))]
        worker_2 = async move |_| drop(inbox),

        #[child]
        nested = supervisor! {
            #[child(lend(cache))]
            worker = async move |_| drop(cache),
        },
    };
}
