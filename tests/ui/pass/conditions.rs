#![deny(warnings)]

use std::io;

use sage_supervisor::{BoxError, Supervisor, supervisor};

macro_rules! attempt {
    ($($body:tt)*) => { (|| -> io::Result<_> { Ok({ $($body)* }) })() };
}

macro_rules! later {
    ($($body:tt)*) => { let _later = move || { $($body)* }; };
}

#[derive(Debug)]
struct MyError;

impl std::fmt::Display for MyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("mine")
    }
}

impl std::error::Error for MyError {}

enum Kind {
    A,
    B,
    C(#[expect(dead_code, reason = "it is only matched")] u8),
}

fn kind(number: u8) -> Kind {
    match number {
        0 => Kind::A,
        1 => Kind::B,
        other => Kind::C(other),
    }
}

fn number() -> io::Result<u8> {
    Ok(1)
}

fn default<T: Default>() -> io::Result<T> {
    Ok(T::default())
}

async fn wait() -> io::Result<()> {
    Ok(())
}

fn app(flag: bool) -> Supervisor {
    supervisor! {
        // Conditions that begin with a macro, or with a block.
        #[child]
        matches = async |_| {
            wait().await?;
            if matches!(number(), Ok(1)) { wait().await?; }
            Ok(())
        },

        #[child]
        cfg = async |_| {
            if cfg!(unix) { wait().await?; }
            Ok(())
        },

        #[child]
        iterates = async |_| {
            for number in vec![1_u8] { println!("{number}"); }
            match format!("a").as_str() { "a" => {} _ => {} }
            Ok(())
        },

        #[child]
        block = async move |_| {
            while { let _ = number()?; flag } { wait().await?; }
            Ok(())
        },

        // The closure has one end for each configuration.
        #[child]
        configured = async |_| {
            #[cfg(all())]
            { wait().await }
            #[cfg(not(all()))]
            { Ok(()) }
        },

        // A bar in front of a pattern.
        #[child]
        pattern = async |_| {
            match kind(2) {
                | Kind::A => return Err(MyError),
                | Kind::B | Kind::C(_) => {}
            }
            Ok(())
        },

        // The macro cannot know what another macro makes of a `return`.
        #[child]
        attempts = async |_| {
            let result = attempt! { number()?; number()? };
            println!("{result:?}");
        },

        #[child]
        later = async move |_| {
            later! { if flag { return; } }
            wait().await?;
            Ok(())
        },

        // A value that has its type from being asked for one.
        #[child]
        default = async |_| {
            wait().await?;
            Ok(default()?)
        },

        #[child]
        standard = async |_| {
            wait().await?;
            Ok::<_, BoxError>(Default::default())
        },
    }
}

fn main() {
    drop(app(true));
}
