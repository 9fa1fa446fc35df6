//! The consequence of an exit for the child and its supervisor.

use crate::engine::children::Plan;

/// A child whose instance has just ended, as far as the consequence depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    /// `true` if the instance ended because it was told to.
    pub(super) was_asked: bool,
    /// `true` if a task below the instance is alive or was unresponsive. No parent answers that with a
    /// restart.
    pub(super) has_unresponsive: bool,
    /// `true` if the restart policy restarts after this exit.
    pub(super) policy_restarts: bool,
    /// `true` if the exit is a failed start.
    pub(super) has_failed_to_start: bool,
    /// `true` if the start was asked for by a command.
    pub(super) is_started_by_hand: bool,
    /// `true` if the supervisor waits for the first start of this child in order to start itself.
    pub(super) is_first_start: bool,
    pub(super) plan: Plan,
}

/// The consequence of an exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consequence {
    /// The supervisor ends, because it cannot end what is below the child.
    Escalate,
    /// The supervisor ends, because its own start has failed.
    FailStart,
    /// The command that asked for the start has failed. The start is not retried.
    FailByHand,
    /// The child is to be restarted, if the limits allow it.
    Restart,
    /// The child has ended for good, by itself.
    Depart,
    /// The child stays down, as somebody asked.
    StayDown,
}

/// Decides on the consequence of an exit.
pub(super) fn consequence(ended: Ended) -> Consequence {
    // A start that a command has asked for since then is another start.
    let has_failed = ended.has_failed_to_start && ended.plan != Plan::Start;
    match ended {
        Ended { was_asked: false, has_unresponsive: true, .. } => Consequence::Escalate,
        Ended { is_started_by_hand: true, .. } if has_failed => Consequence::FailByHand,
        Ended { is_first_start: true, plan: Plan::Policy, .. } if has_failed => {
            Consequence::FailStart
        }
        Ended { was_asked: true, .. } => Consequence::StayDown,
        Ended { policy_restarts: true, .. } => Consequence::Restart,
        _ => Consequence::Depart,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANS: [Plan; 3] = [Plan::Policy, Plan::Stay, Plan::Start];

    /// Every state of every observation.
    fn all() -> impl Iterator<Item = Ended> {
        (0..1_u32 << 6).flat_map(|bits| {
            let bit = move |number: u32| bits & (1 << number) != 0;
            PLANS.map(|plan| Ended {
                was_asked: bit(0),
                has_unresponsive: bit(1),
                policy_restarts: bit(2),
                has_failed_to_start: bit(3),
                is_started_by_hand: bit(4),
                is_first_start: bit(5),
                plan,
            })
        })
    }

    fn for_all(holds: impl Fn(Ended, Consequence) -> bool) {
        for ended in all() {
            let found = consequence(ended);
            assert!(holds(ended, found), "{ended:?} leads to {found:?}");
        }
    }

    #[test]
    fn tasks_that_do_not_end_outweigh_everything() {
        for_all(|ended, found| {
            (found == Consequence::Escalate) == (ended.has_unresponsive && !ended.was_asked)
        });
    }

    #[test]
    fn a_child_that_was_asked_to_end_is_neither_restarted_nor_departs() {
        for_all(|ended, found| {
            !ended.was_asked || !matches!(found, Consequence::Restart | Consequence::Depart)
        });
    }

    #[test]
    fn only_a_failed_start_fails_a_command_or_the_supervisors_start() {
        for_all(|ended, found| {
            !matches!(found, Consequence::FailByHand | Consequence::FailStart)
                || (ended.has_failed_to_start && ended.plan != Plan::Start)
        });
    }

    #[test]
    fn a_start_by_hand_never_fails_the_supervisors_start() {
        for_all(|ended, found| found != Consequence::FailStart || !ended.is_started_by_hand);
    }

    /// The rows are exits by themselves, with the plan `Policy`.
    #[test]
    fn the_consequence_of_an_exit_by_itself() {
        let ended = Ended {
            was_asked: false,
            has_unresponsive: false,
            policy_restarts: false,
            has_failed_to_start: false,
            is_started_by_hand: false,
            is_first_start: false,
            plan: Plan::Policy,
        };
        let restarts = Ended { policy_restarts: true, ..ended };
        let failed = Ended { has_failed_to_start: true, ..restarts };
        let table = [
            (ended, Consequence::Depart),
            (restarts, Consequence::Restart),
            (failed, Consequence::Restart),
            (Ended { is_first_start: true, ..failed }, Consequence::FailStart),
            (Ended { is_first_start: true, ..restarts }, Consequence::Restart),
            (Ended { is_first_start: true, plan: Plan::Stay, ..failed }, Consequence::Restart),
            (Ended { is_started_by_hand: true, ..failed }, Consequence::FailByHand),
            (Ended { is_started_by_hand: true, ..restarts }, Consequence::Restart),
            (Ended { is_started_by_hand: true, plan: Plan::Start, ..failed }, Consequence::Restart),
            (Ended { was_asked: true, ..restarts }, Consequence::StayDown),
        ];
        for (ended, expected) in table {
            assert_eq!(consequence(ended), expected, "{ended:?}");
        }
    }
}
