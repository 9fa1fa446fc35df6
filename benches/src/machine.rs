//! The machine and the versions with which the figures were taken.

use std::fs;
use std::process::Command;

use crate::contestants::{self, otp};
use crate::lock::version;

/// The facts at the head of the report, as pairs of a name and a value.
pub fn facts() -> Vec<(&'static str, String)> {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kilobytes = memory.split_whitespace().nth(1).and_then(|number| number.parse::<u64>().ok());
    let mut facts = vec![
        ("date", output("date", &["-u", "+%F"])),
        ("processor", format!("{}, {cores} cores", model.trim_start_matches(['\t', ':', ' ']))),
        ("memory", format!("{} GiB", kilobytes.unwrap_or(0) >> 20)),
        ("kernel", output("uname", &["-sr"]).split('-').next().unwrap_or_default().to_owned()),
        ("rustc", output("rustc", &["--version"])),
    ];
    for contestant in contestants::ALL {
        let package = contestant.package();
        let known = facts.iter().any(|(known, _)| *known == package);
        if let (false, Some(version)) = (known, version(package)) {
            facts.push((package, version.to_owned()));
        }
    }
    facts.push((otp::NAME, otp::release().unwrap_or_else(|| "not installed".to_owned())));
    facts
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_else(|_| "unknown".to_owned())
}
