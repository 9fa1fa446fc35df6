//! The policies, limits and declared trees that the runtime shares with the macros.

#[doc(inline)]
pub use sage_supervisor_policy::{
    AutoShutdown, Order, RestartConfig, RestartPolicy, Shutdown, Strategy, TemporarySiblings,
};
#[cfg(feature = "macros")]
#[doc(inline)]
pub use sage_supervisor_policy::{DeclaredChild, DeclaredLimit, DeclaredTree};

pub(crate) use sage_supervisor_policy::limit::{RestartDecision, RestartTracker};
pub(crate) use sage_supervisor_policy::{
    FOREVER, Group, KILL_GRACE, Ticks, UNRESPONSIVE_TIMEOUT, backoff, clamp_kill_grace, graph,
    name, outline,
};

#[cfg(test)]
mod tests {
    use super::RestartPolicy;
    use crate::contain::contain;
    use crate::exit::{Exit, ExitError};

    #[test]
    fn the_restart_table_is_the_contracts() {
        let exits = [
            Exit::Normal,
            Exit::Error(ExitError::new("boom")),
            Exit::Panic(contain(|| panic!("boom")).unwrap_err()),
            Exit::Killed,
        ];
        let table = [
            (RestartPolicy::Permanent, [true, true, true, true]),
            (RestartPolicy::Transient, [false, true, true, true]),
            (RestartPolicy::Temporary, [false, false, false, false]),
        ];
        for (policy, expected) in table {
            for (exit, expected) in exits.iter().zip(expected) {
                let restarts = policy.restarts_after(exit.is_failure());
                assert_eq!(restarts, expected, "{policy:?} after {exit}");
            }
        }
    }
}
