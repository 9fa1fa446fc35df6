//! What a macro of another crate returns is left to the compiler.

#![deny(warnings)]

use std::io;

use sage_supervisor::prelude::*;

fn load() -> io::Result<u32> {
    Ok(1)
}

/// Leaves the error type open.
macro_rules! ensure {
    ($condition:expr) => {
        if !$condition {
            return Err("it does not hold".into());
        }
    };
}

/// Has an error type of its own.
macro_rules! bail {
    ($text:literal) => {
        return Err(io::Error::other($text))
    };
}

macro_rules! error {
    ($text:literal) => {
        return Err($text.into())
    };
}

/// Uses `?` in a future of its own.
macro_rules! attempt {
    ($($body:tt)*) => {
        async { io::Result::Ok({ $($body)* }) }.await
    };
}

mod fixed {
    #[expect(non_snake_case, reason = "it is a function in place of the variant")]
    pub fn Ok<T>(value: T) -> std::io::Result<T> {
        Result::Ok(value)
    }
}

fn with_an_ok_of_its_own() -> Supervisor {
    use fixed::Ok;
    supervisor! {
        #[child]
        fixed = async |_| {
            load()?;
            Ok(())
        },
    }
}

fn main() {
    drop(with_an_ok_of_its_own());
    let name = String::from("worker");
    let port = 8080;
    drop(supervisor! {
        #[child]
        open = async |_| {
            ensure!(load()? > 3);
            Ok(())
        },

        #[child]
        typed = async |_| {
            if load()? > 3 {
                bail!("it is too large");
            }
            Ok(())
        },

        #[child]
        ends_with_an_error = async |_| {
            load()?;
            error!("the end");
        },

        #[child]
        inside = async |ctx| {
            let loaded = attempt! { load()? + 1 };
            println!("{loaded:?}");
            ctx.cancelled().await;
        },

        // The output of this future may have any type.
        #[child]
        waits = async |_| std::future::pending().await,

        // A value that can be copied needs no clone.
        #[child(clone(name))]
        copies = async move |_| println!("{port} {name}"),
    });
}
