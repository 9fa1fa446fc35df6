//! The places of panics, which only the hook for panics is told.
//!
//! A panic that is caught consists of a payload alone. The hook notes each panic of its thread, and the
//! code that catches one looks for the note of that panic. Invariants:
//!
//! 1. Without a call of [`capture_panic_locations`], nothing is installed, noted or looked for.
//! 2. A note belongs to one panic: it has the task and the message of the panic, so that it is not taken
//!    for another panic. A child may have caught the panic that was noted, and may have resumed a
//!    different one, of which the hook is not told.
//! 3. A thread keeps the latest notes only, and needs more than one: a destructor that runs during a panic
//!    may panic as well.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::PanicHookInfo;
use std::sync::{Arc, Once};

/// The number of panics that a thread remembers.
const REMEMBERED: usize = 8;

thread_local! {
    static NOTES: RefCell<VecDeque<Note>> = const { RefCell::new(VecDeque::new()) };
}

/// The place of a panic in the source.
///
/// The text is `file:line:column`. [`ChildPanic::location`](crate::ChildPanic::location) returns it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PanicLocation {
    file: Arc<str>,
    line: u32,
    column: u32,
}

impl PanicLocation {
    /// The file, as the compiler names it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line in the file, from 1 on.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.line
    }

    /// The column in the line, from 1 on.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.column
    }
}

impl fmt::Display for PanicLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Makes the panics of children have a [location](crate::ChildPanic::location), from now on and in the
/// whole program.
///
/// This installs a [panic hook](std::panic::set_hook), which notes the place of each panic and then calls
/// the hook that was installed before. Without this call there is no hook of this crate, and no panic has a
/// location. Further calls have no effect. A hook that is installed later has to call the hook before it,
/// as this one does, or locations are no longer noted.
///
/// # Panics
///
/// Panics if the thread is panicking.
///
/// # Examples
///
/// ```
/// use sage_supervisor::{ChildContext, ChildSpec, RestartConfig, RestartPolicy};
/// use sage_supervisor::{Strategy, Supervisor, capture_panic_locations};
///
/// async fn importer(_: ChildContext) {
///     let rows: Vec<u8> = Vec::new();
///     println!("{}", rows[7]);
/// }
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), sage_supervisor::SageError> {
/// capture_panic_locations();
/// let importer = ChildSpec::new("importer", importer).restart(RestartPolicy::Temporary);
/// let batch = Supervisor::new(Strategy::OneForOne, RestartConfig::default());
/// let report = batch.children([importer]).run_with_report().await;
/// let exit = report.failures.last[0].exit.to_string();
/// // Such as "panicked at src/importer.rs:6:20: index out of bounds: ..".
/// assert!(exit.starts_with("panicked at ") && exit.contains(".rs:"), "{exit}");
/// # Ok(())
/// # }
/// ```
pub fn capture_panic_locations() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            note(info);
            before(info);
        }));
    });
}

/// A panic that the hook was told of.
struct Note {
    task: Option<tokio::task::Id>,
    payload: Likeness,
    location: PanicLocation,
}

/// The means to recognise a payload. The hook lends it, and the code that catches the panic finds it at
/// another place, so it is known by its contents.
#[derive(Debug, PartialEq, Eq)]
enum Likeness {
    /// The length of a text, and a hash of its beginning.
    Text(usize, u64),
    Other(TypeId),
}

impl Likeness {
    fn of(payload: &(dyn Any + Send)) -> Self {
        let Some(text) = text_of(payload) else { return Self::Other(payload.type_id()) };
        let mut hasher = DefaultHasher::new();
        // A text may have any length.
        text.as_bytes()[..text.len().min(4096)].hash(&mut hasher);
        Self::Text(text.len(), hasher.finish())
    }
}

/// Returns the message of a panic, unless the payload is not a string.
pub(crate) fn text_of(payload: &(dyn Any + Send)) -> Option<&str> {
    match payload.downcast_ref::<&'static str>() {
        Some(text) => Some(text),
        None => payload.downcast_ref::<String>().map(String::as_str),
    }
}

fn note(info: &PanicHookInfo<'_>) {
    let Some(location) = info.location() else { return };
    let note = Note {
        task: tokio::task::try_id(),
        payload: Likeness::of(info.payload()),
        location: PanicLocation {
            file: Arc::from(location.file()),
            line: location.line(),
            column: location.column(),
        },
    };
    // A thread that ends may have no notes any more. The hook must not panic.
    let _ = NOTES.try_with(|notes| {
        let Ok(mut notes) = notes.try_borrow_mut() else { return };
        if notes.len() == REMEMBERED {
            notes.pop_front();
        }
        notes.push_back(note);
    });
}

/// Takes the location of a panic that has been caught on this thread, if the hook was told of it.
pub(crate) fn of(payload: &(dyn Any + Send)) -> Option<PanicLocation> {
    NOTES
        .try_with(|notes| {
            let mut notes = notes.try_borrow_mut().ok()?;
            if notes.is_empty() {
                return None;
            }
            let (task, payload) = (tokio::task::try_id(), Likeness::of(payload));
            let latest =
                notes.iter().rposition(|note| note.task == task && note.payload == payload)?;
            // Later panics were caught while this one was under way.
            notes.drain(latest..).next().map(|note| note.location)
        })
        .ok()?
}
