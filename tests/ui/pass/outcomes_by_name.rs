//! Functions and types that are named like an outcome of any error type.

#![deny(warnings)]

use std::io;

use sage_supervisor::{Supervisor, supervisor};

#[derive(Debug)]
struct MyErr;

impl std::fmt::Display for MyErr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mine")
    }
}

impl std::error::Error for MyErr {}

impl From<io::Error> for MyErr {
    fn from(_: io::Error) -> Self {
        Self
    }
}

fn io() -> io::Result<()> {
    Ok(())
}

mod jobs {
    use std::io;

    use sage_supervisor::ChildContext;

    pub type Res<T> = Result<T, io::Error>;

    #[expect(non_snake_case, reason = "as that of a library")]
    pub fn Ok<T>(value: T) -> Res<T> {
        Result::Ok(value)
    }

    pub async fn pending(ctx: ChildContext) {
        ctx.cancelled().await;
    }
}

macro_rules! give_up {
    () => {
        return Err(MyErr)
    };
}

fn namesakes() -> Supervisor {
    supervisor! {
        #[child]
        function = async |_| {
            io()?;
            jobs::Ok(())
        },

        #[child]
        alias = async |_| {
            io()?;
            jobs::Res::Ok(())
        },

        #[child]
        of_std = async |_| {
            io()?;
            io::Result::Ok(())
        },

        #[child]
        pending = async |ctx| jobs::pending(ctx).await,

        #[child]
        recovered = async |_| io().or_else(|_| Ok(())),

        #[child]
        converted = async |_| {
            io().or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(MyErr::from(error)),
            })
        },

        #[child]
        of_a_macro = async |ctx| -> Result<(), MyErr> {
            if ctx.restarts() > 3 {
                give_up!();
            }
            Ok(())
        },
    }
}

fn main() {
    drop(namesakes());
}
