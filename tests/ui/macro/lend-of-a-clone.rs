use sage_supervisor::supervisor;

fn main() {
    let (inbox, totals) = (String::new(), String::new());
    let _ = supervisor! {
        #[child(clone(totals, inbox), lend(inbox))]
        worker = async move |_| drop((inbox, totals)),
    };
}
