#![allow(mixed_script_confusables)]

use sage_supervisor::supervisor;

fn main() {
    let _ = supervisor! {
        strаtegy = "one_for_all",

        #[child(restart = "transiеnt", shutdоwn = "5s")]
        a = |_| async {},
    };
}
