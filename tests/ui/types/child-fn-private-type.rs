#![deny(private_interfaces)]

use sage_supervisor::prelude::*;

#[derive(Clone)]
struct Settings;

#[child]
pub async fn worker(_: ChildContext, settings: Settings) {
    drop(settings);
}

fn main() {
    let _ = worker(Settings);
}
