//! The consequence of an exit for the child and its supervisor.

use crate::engine::children::Plan;
use crate::error::FailureScope;

/// A child whose instance has just ended, as far as the consequence depends on it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    /// `true` if the instance ended because it was asked to.
    pub(super) was_asked: bool,
    /// `true` if the instance has declined to run.
    pub(super) has_declined: bool,
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
    /// The part of the tree that ends with an error of the instance that no restart can help.
    pub(super) verdict: Option<FailureScope>,
}

/// The consequences of an exit: one for the supervisor, and one for the callers of commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Consequences {
    pub(super) what: Consequence,
    pub(super) callers: Callers,
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
    /// The child is given up, as it said itself.
    GiveUp,
    /// The child stays down, as somebody asked.
    StayDown,
}

/// The consequence of an exit for callers that wait for the child to be up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callers {
    /// The callers wait on.
    Wait,
    /// The start has failed, even if it is retried.
    Fail,
    /// The start counts as done, because the child has declined to run.
    Succeed,
}

/// Decides on the consequences of an exit.
#[inline]
pub(super) fn consequences(ended: Ended) -> Consequences {
    // A command may have asked for another start since the one that has failed or was declined.
    let is_last_start = ended.plan != Plan::Start;
    let has_failed = ended.has_failed_to_start && is_last_start;
    let what = match ended {
        Ended { was_asked: false, has_unresponsive: true, .. } => Consequence::Escalate,
        Ended { verdict: Some(FailureScope::Child), plan: Plan::Policy, .. } => Consequence::GiveUp,
        Ended { is_started_by_hand: true, .. } if has_failed => Consequence::FailByHand,
        // A command has decided otherwise since, or the supervisor is ending.
        Ended { verdict: Some(_), .. } => Consequence::StayDown,
        Ended { is_first_start: true, plan: Plan::Policy, .. } if has_failed => {
            Consequence::FailStart
        }
        Ended { was_asked: true, .. } => Consequence::StayDown,
        Ended { policy_restarts: true, .. } => Consequence::Restart,
        _ => Consequence::Depart,
    };
    let callers = if has_failed {
        Callers::Fail
    } else if ended.has_declined && is_last_start {
        Callers::Succeed
    } else {
        Callers::Wait
    };
    Consequences { what, callers }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANS: [Plan; 3] = [Plan::Policy, Plan::Stay, Plan::Start];

    /// Every state of every observation.
    fn all() -> impl Iterator<Item = Ended> {
        (0..1_u32 << 9).flat_map(|bits| {
            let bit = move |number: u32| bits & (1 << number) != 0;
            let verdict = match (bit(7), bit(8)) {
                (false, _) => None,
                (true, false) => Some(FailureScope::Child),
                (true, true) => Some(FailureScope::Tree),
            };
            PLANS.map(|plan| Ended {
                was_asked: bit(0),
                has_unresponsive: bit(1),
                policy_restarts: bit(2),
                has_failed_to_start: bit(3),
                is_started_by_hand: bit(4),
                is_first_start: bit(5),
                has_declined: bit(6),
                plan,
                verdict,
            })
        })
    }

    fn for_all(holds: impl Fn(Ended, Consequences) -> bool) {
        for ended in all() {
            let found = consequences(ended);
            assert!(holds(ended, found), "{ended:?} leads to {found:?}");
        }
    }

    #[test]
    fn tasks_that_do_not_end_outweigh_everything() {
        for_all(|ended, Consequences { what, .. }| {
            (what == Consequence::Escalate) == (ended.has_unresponsive && !ended.was_asked)
        });
    }

    #[test]
    fn a_child_that_was_asked_to_end_is_neither_restarted_nor_departs() {
        for_all(|ended, Consequences { what, .. }| {
            !ended.was_asked || !matches!(what, Consequence::Restart | Consequence::Depart)
        });
    }

    #[test]
    fn a_failed_start_by_hand_fails_its_command_and_no_other_start_does() {
        for_all(|ended, Consequences { what, .. }| {
            let has_failed = ended.has_failed_to_start && ended.plan != Plan::Start;
            let outweighed = matches!(what, Consequence::Escalate | Consequence::GiveUp);
            (what == Consequence::FailByHand)
                == (has_failed && ended.is_started_by_hand && !outweighed)
        });
    }

    #[test]
    fn a_failed_first_start_fails_that_of_the_supervisor_and_no_other_start_does() {
        for_all(|ended, Consequences { what, .. }| {
            let is_decided = matches!(what, Consequence::Escalate | Consequence::FailByHand)
                || ended.verdict.is_some();
            let is_first = ended.is_first_start && ended.plan == Plan::Policy;
            (what == Consequence::FailStart)
                == (ended.has_failed_to_start && is_first && !is_decided)
        });
    }

    #[test]
    fn the_policy_decides_on_what_ended_by_itself() {
        for_all(|ended, Consequences { what, .. }| match what {
            Consequence::Restart => ended.policy_restarts,
            Consequence::Depart => !ended.policy_restarts,
            Consequence::StayDown => ended.was_asked || ended.verdict.is_some(),
            _ => true,
        });
    }

    #[test]
    fn a_child_that_gave_up_is_not_restarted_unless_a_command_says_so() {
        for_all(|ended, Consequences { what, .. }| {
            let is_decided = matches!(what, Consequence::Escalate | Consequence::FailByHand);
            let gave_up = ended.verdict == Some(FailureScope::Child);
            let is_given_up = gave_up && ended.plan == Plan::Policy && !is_decided;
            let restarts = what == Consequence::Restart && ended.verdict.is_some();
            (what == Consequence::GiveUp) == is_given_up && !restarts
        });
    }

    #[test]
    fn callers_hear_of_the_start_that_they_wait_for() {
        for_all(|ended, Consequences { callers, .. }| {
            let expected = match ended {
                Ended { plan: Plan::Start, .. } => Callers::Wait,
                Ended { has_failed_to_start: true, .. } => Callers::Fail,
                Ended { has_declined: true, .. } => Callers::Succeed,
                _ => Callers::Wait,
            };
            callers == expected
        });
    }

    /// The rows are exits with the plan `Policy`, unless they name another.
    #[test]
    fn the_consequence_of_an_exit() {
        let ended = Ended {
            was_asked: false,
            has_declined: false,
            has_unresponsive: false,
            policy_restarts: false,
            has_failed_to_start: false,
            is_started_by_hand: false,
            is_first_start: false,
            plan: Plan::Policy,
            verdict: None,
        };
        let restarts = Ended { policy_restarts: true, ..ended };
        let failed = Ended { has_failed_to_start: true, ..restarts };
        let first = Ended { is_first_start: true, ..failed };
        let by_hand = Ended { is_started_by_hand: true, ..failed };
        let table = [
            (ended, Consequence::Depart),
            (restarts, Consequence::Restart),
            (failed, Consequence::Restart),
            (first, Consequence::FailStart),
            (Ended { policy_restarts: false, ..first }, Consequence::FailStart),
            (Ended { was_asked: true, ..first }, Consequence::FailStart),
            (Ended { has_failed_to_start: false, ..first }, Consequence::Restart),
            (Ended { plan: Plan::Stay, ..first }, Consequence::Restart),
            (by_hand, Consequence::FailByHand),
            (Ended { plan: Plan::Stay, ..by_hand }, Consequence::FailByHand),
            (Ended { plan: Plan::Start, ..by_hand }, Consequence::Restart),
            (Ended { is_started_by_hand: true, ..restarts }, Consequence::Restart),
            (Ended { was_asked: true, ..restarts }, Consequence::StayDown),
            (Ended { has_unresponsive: true, ..first }, Consequence::Escalate),
            (Ended { verdict: Some(FailureScope::Child), ..first }, Consequence::GiveUp),
            (Ended { verdict: Some(FailureScope::Tree), ..first }, Consequence::StayDown),
        ];
        for (ended, expected) in table {
            assert_eq!(consequences(ended).what, expected, "{ended:?}");
        }
    }
}
