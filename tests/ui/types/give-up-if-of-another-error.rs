use std::fmt::Error;
use std::io;
use sage_supervisor::{ChildContext, child, supervisor};

fn is_final(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput
}

async fn formats(_: ChildContext) -> Result<(), Error> {
    Err(Error)
}

#[child(give_up_if = is_final)]
async fn marked(_: ChildContext) -> Result<(), Error> {
    Err(Error)
}

fn main() {
    let _ = marked();
    let _ = supervisor! {
        #[child(give_up_if = is_final)]
        named = formats,

        #[child(give_up_if = is_final)]
        closure = async |_| Err(Error),

        #[child(give_up_if = is_final)]
        never_fails = async |ctx| ctx.cancelled().await,

        #[child(give_up_if = is_final)]
        inner = supervisor! {
            #[child]
            a = formats,
        },
    };
}
