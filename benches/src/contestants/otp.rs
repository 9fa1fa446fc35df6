//! Erlang/OTP: a script that `escript`, if it is installed, runs once for each case.
//!
//! The emulator has as many schedulers as the runtime of the case has threads. Times are taken within
//! the emulator, by its own clock. Children are notified by messages.

use std::process::{Command, Stdio};

use crate::case::{Case, Effort, Flavor};
use crate::contestant::because;

pub const NAME: &str = "Erlang/OTP";

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/contestants/otp.escript");

/// The installed release of OTP, if there is one.
pub fn release() -> Option<String> {
    let print = "io:put_chars(erlang:system_info(otp_release)), halt().";
    let mut command = Command::new("erl");
    let output = command.args(["-noshell", "-eval", print]).stderr(Stdio::null()).output().ok()?;
    let release = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(release)
}

pub fn refuses(case: &Case) -> Option<&'static str> {
    static INSTALLED: std::sync::LazyLock<bool> = std::sync::LazyLock::new(|| release().is_some());
    if !*INSTALLED {
        return Some("`erl` is not installed");
    }
    match (case.scenario, case.mode) {
        ("direct", _) => Some(because::NO_RUN),
        ("stop", "drop") => Some("drop has no counterpart"),
        ("one_for_all", "listening") => Some("as with deaf children: all are sent an exit signal"),
        ("idle" | "events" | "million", _) => Some("not part of the script"),
        _ if case.children > 100_000 => Some(because::MANY),
        _ => None,
    }
}

pub fn remark(case: &Case) -> Option<&'static str> {
    let restarts = matches!(case.scenario, "restarts" | "panics" | "storm");
    restarts.then_some(
        "OTP keeps the restarts of the last second in a list that each restart goes through: with no \
         limit its rate falls as it runs",
    )
}

pub fn command(case: &Case, effort: Effort) -> Command {
    let mut command = Command::new("escript");
    let (children, effort) =
        (case.children.to_string(), if effort.short { "short" } else { "full" });
    command.args([SCRIPT, case.scenario, case.mode, &children, effort]);
    let schedulers = match case.flavor {
        Flavor::Mt => "+S 2:2",
        Flavor::Ct => "+S 1:1",
    };
    command.env("ERL_FLAGS", format!("{schedulers} +P 2000000"));
    command
}
