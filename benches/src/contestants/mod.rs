//! The supervisors that are measured, each in a file of its own.

pub mod by_hand;
pub mod declared;
pub mod dynamic;
mod floor;
mod kameo;
pub mod otp;
mod ractor_supervisor;
mod sage_runtime;
mod task_supervisor;
mod taskvisor;

use crate::contestant::Contestant;

/// All contestants that are written in Rust, the floor first.
pub const ALL: [&dyn Contestant; 9] = [
    &floor::Floor,
    &declared::Declared,
    &by_hand::ByHand,
    &dynamic::Dynamic,
    &sage_runtime::SageRuntime,
    &task_supervisor::TaskSupervisor,
    &taskvisor::Taskvisor,
    &kameo::Kameo,
    &ractor_supervisor::RactorSupervisor,
];

/// The number of contestants at the beginning of [`ALL`] that are the floor or built on this project.
pub const OURS: usize = 4;

/// The name of the floor.
pub const FLOOR: &str = floor::NAME;
