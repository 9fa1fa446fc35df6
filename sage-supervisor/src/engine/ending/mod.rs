//! The end of one run: the notes on the way there, the result and the report.

mod failure;
mod notes;
mod report;
mod result;

pub(crate) use self::notes::EndNotes;
