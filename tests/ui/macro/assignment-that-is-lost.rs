#![allow(unused)]

use sage_supervisor::supervisor;

fn main() {
    let mut count = 0;
    let _ = supervisor! {
        #[child]
        worker = move |_| {
            count += 1;
            async {}
        },
    };
}
