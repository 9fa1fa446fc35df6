//! The participants of a measurement, in whatever language they are written.

use std::process::Command;

use crate::case::{Case, Effort};
use crate::cell::Cell;
use crate::contestant::Contestant;
use crate::contestants::{self, otp};

/// A participant: a contestant in Rust, which is a part of this program, or Erlang/OTP.
#[derive(Clone, Copy)]
pub enum Entrant {
    Here(&'static dyn Contestant),
    Otp,
}

impl Entrant {
    pub fn all() -> Vec<Self> {
        let mut all: Vec<_> = contestants::ALL.into_iter().map(Self::Here).collect();
        all.push(Self::Otp);
        all
    }

    pub fn name(&self) -> &'static str {
        match self {
            Self::Here(contestant) => contestant.name(),
            Self::Otp => otp::NAME,
        }
    }

    pub fn refuses(self, case: &Case) -> Option<&'static str> {
        match self {
            Self::Here(contestant) => contestant.refuses(case),
            Self::Otp => otp::refuses(case),
        }
    }

    pub fn remark(self, case: &Case) -> Option<&'static str> {
        match self {
            Self::Here(contestant) => contestant.remark(case),
            Self::Otp => otp::remark(case),
        }
    }

    /// The command that runs one case once.
    pub fn command(self, case: Case, effort: Effort) -> Command {
        let Self::Here(contestant) = self else { return otp::command(&case, effort) };
        let this = std::env::current_exe().expect("this program has a path");
        let mut command = Command::new(this);
        command.env("RUST_BACKTRACE", "0");
        command.args(Cell { case, contestant, effort }.arguments());
        command
    }
}
