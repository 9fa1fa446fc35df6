use sage_supervisor::supervisor;

fn main() {
    let (db, rx) = ((), ());
    let _ = supervisor! {
        backoff { initial = "1s" },

        #[child(clone[db])]
        a = |_| async {},

        #[child(lend: (rx))]
        b = move |_| async move { drop(rx) },

        #[child(clone db)]
        c = |_| async {},
    };
}
