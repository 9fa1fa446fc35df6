//! Counts how often each command has met each state of its child.

use std::collections::BTreeMap;
use std::fmt;

use crate::answers::{Answer, Met, Note};
use crate::history::Command;

const COMMANDS: [Command; 5] =
    [Command::Start, Command::Stop, Command::Restart, Command::Replace, Command::Remove];
const COLUMNS: [Met; 12] = [
    Met::Starting,
    Met::Running,
    Met::Stopping,
    Met::Restarting,
    Met::Waiting,
    Met::Stopped,
    Met::Finished,
    Met::GivenUp,
    Met::Unknown,
    Met::Ending,
    Met::Nowhere,
    Met::Awaited,
];

/// All answers except that of an unresponsive child.
const ANSWERS: [&str; 10] = [
    "Done",
    "AlreadyRunning",
    "AlreadyExists",
    "StillRunning",
    "Restarting",
    "NotFound",
    "NotRunning",
    "Stopped",
    "MaxChildren",
    "FailedStart",
];

const NOTES: [Note; 28] = [
    Note::StoppedBefore,
    Note::StoppedMeanwhile,
    Note::RestartedMeanwhile,
    Note::Queued,
    Note::NewFailed,
    Note::OldFailed,
    Note::Spent,
    Note::KeptByRemoval,
    Note::KeptByStop,
    Note::LeftOut,
    Note::Drained,
    Note::AskedTheRest,
    Note::AllAwaited,
    Note::GroupAsked,
    Note::Declined,
    Note::GroupWaits,
    Note::GroupHurried,
    Note::WaitCancelled,
    Note::WaitCutShort,
    Note::StoppedWaiting,
    Note::BeganAnew,
    Note::LeftOutOfLimit,
    Note::Forgiven,
    Note::GivenUp,
    Note::StartedAgain,
    Note::Silent,
    Note::Departed,
    Note::DepartedOnDemand,
];

/// The events that are too rare to be expected in a short run.
const RARE: [Note; 5] = [
    Note::Hurried,
    Note::Widened,
    Note::WidenedToStopped,
    Note::RemovedAsItEnded,
    Note::RestartedAsItEnded,
];

#[derive(Default)]
pub(crate) struct Coverage {
    cells: BTreeMap<(Command, Met), u64>,
    answers: BTreeMap<String, u64>,
    notes: BTreeMap<Note, u64>,
}

impl Coverage {
    pub(crate) fn count(
        &mut self,
        met: &[(Command, Met)],
        answers: &[(usize, Answer)],
        notes: &[Note],
    ) {
        for note in notes {
            *self.notes.entry(*note).or_default() += 1;
        }
        for cell in met {
            *self.cells.entry(*cell).or_default() += 1;
        }
        for (_, answer) in answers {
            let answer = format!("{answer:?}");
            let kind = answer.split('(').next().expect("there is a first part");
            *self.answers.entry(kind.to_owned()).or_default() += 1;
        }
    }

    fn cell(&self, command: Command, met: Met) -> u64 {
        self.cells.get(&(command, met)).copied().unwrap_or_default()
    }

    fn note(&self, note: Note) -> u64 {
        self.notes.get(&note).copied().unwrap_or_default()
    }

    fn answer(&self, answer: &str) -> u64 {
        self.answers.get(answer).copied().unwrap_or_default()
    }

    /// Checks that every cell of the table is met and every answer is given, each often enough.
    ///
    /// # Panics
    ///
    /// Panics if a cell, an answer or a note is too rare.
    pub(crate) fn check(&self, cases: u64) {
        for command in COMMANDS {
            for met in COLUMNS {
                let times = self.cell(command, met);
                assert!(times * 500 >= cases, "{command:?}, {met:?}: {times} times\n{self:?}");
            }
        }
        for note in NOTES {
            let times = self.note(note);
            assert!(times * 500 >= cases, "{note:?}: {times} times\n{self:?}");
        }
        for note in RARE.into_iter().filter(|_| cases >= 100_000) {
            assert!(self.note(note) > 0, "{note:?}: never\n{self:?}");
        }
        for answer in ANSWERS {
            let times = self.answer(answer);
            assert!(times * 500 >= cases, "{answer}: {times} times\n{self:?}");
        }
    }
}

impl fmt::Debug for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:8}", "")?;
        for met in COLUMNS {
            write!(f, "{:>11}", format!("{met:?}"))?;
        }
        for command in COMMANDS {
            write!(f, "\n{:8}", format!("{command:?}"))?;
            for met in COLUMNS {
                write!(f, "{:>11}", self.cell(command, met))?;
            }
        }
        for note in NOTES.iter().chain(&RARE) {
            write!(f, "\n{note:?}: {}", self.note(*note))?;
        }
        for answer in ANSWERS {
            write!(f, "\n{answer}: {}", self.answer(answer))?;
        }
        Ok(())
    }
}
