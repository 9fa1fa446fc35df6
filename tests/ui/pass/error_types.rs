//! Error types that are written, of functions and of closures.

#![deny(warnings)]

use std::fmt;
use std::io;

use sage_supervisor::{BoxError, ChildContext, Supervisor, child, supervisor};

#[derive(Debug)]
struct MyErr;

impl fmt::Display for MyErr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mine")
    }
}

impl std::error::Error for MyErr {}

/// Any error in a box, which is no error itself.
struct Report(BoxError);

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Report {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<Report> for BoxError {
    fn from(report: Report) -> Self {
        report.0
    }
}

fn reported() -> Result<(), Report> {
    io()?;
    Ok(())
}

fn io() -> io::Result<()> {
    Ok(())
}

fn reports() -> Supervisor {
    supervisor! {
        #[child]
        tail = async |_| reported(),

        #[child]
        question_mark = async |_| {
            reported()?;
            Ok(())
        },

        #[child]
        returned = async |ctx| {
            io()?;
            if ctx.restarts() > 3 {
                return Err(Report(BoxError::from("too often")));
            }
            Ok(())
        },

        #[child]
        written = async |_| {
            reported()?;
            io()?;
            Ok::<(), Report>(())
        },

        #[child]
        function = by_report,

        #[child]
        constructor = generic::<Report>(),
    }
}

async fn by_report(_: ChildContext) -> Result<(), Report> {
    reported()
}

#[child]
async fn generic<E: Into<BoxError> + 'static>(_: ChildContext) -> Result<(), E> {
    Ok(())
}

async fn text(_: ChildContext) -> Result<(), &'static str> {
    Err("text")
}

async fn owned(_: ChildContext) -> Result<(), String> {
    Err("text".to_owned())
}

async fn boxed(_: ChildContext) -> Result<(), BoxError> {
    Err("text".into())
}

async fn never(_: ChildContext) -> ! {
    std::future::pending().await
}

async fn generic_function<E: Into<BoxError>>(_: ChildContext) -> Result<(), E> {
    Ok(())
}

#[child]
async fn child_text(_: ChildContext) -> Result<(), &'static str> {
    Err("text")
}

#[child]
async fn child_never(_: ChildContext, _: u8) -> ! {
    std::future::pending().await
}

fn functions() -> Supervisor {
    supervisor! {
        #[child]
        text = text,

        #[child]
        owned = owned,

        #[child]
        boxed = boxed,

        #[child]
        never = never,

        #[child]
        generic_function = generic_function::<MyErr>,

        #[child]
        child_text = child_text(),

        #[child]
        child_never = child_never(5),
    }
}

fn main() {
    drop((reports(), functions()));
}
