//! The inbox of a turn.
//!
//! A turn handles at most [`MESSAGES_PER_TURN`] messages, so that other tasks on this thread can run.
//! Usually that is everything that was delivered. The rest is the *backlog*, whose messages are handled
//! by the next turns, before anything that was delivered later.
//!
//! Invariants:
//!
//! 1. As long as the supervisor is not ending, messages are handled in the order of their delivery, and
//!    the mailbox is not looked at before the backlog is empty.
//! 2. Once the supervisor is ending, the messages of instances come before commands, which it refuses
//!    for the most part. The exits that it waits for are then not behind a million commands.
//! 3. A deadline that has passed is acted upon after every message that an instance had delivered by
//!    then, because a child that ended in time has met its deadline.

use std::collections::VecDeque;

use super::time::Deadline;
use crate::child::Message;
use crate::scope::ChildId;

/// The number of messages after which other tasks run first.
pub(super) const MESSAGES_PER_TURN: usize = 1_024;

/// The capacity of the message buffer that is kept while the engine waits.
const KEPT_CAPACITY: usize = 256;

/// The messages and deadlines of the present turn. The buffers are kept from turn to turn.
#[derive(Default)]
pub(super) struct Inbox {
    pub(super) mail: Vec<Message>,
    pub(super) fired: Vec<Deadline>,
    /// The children whose exits in this turn lead to a restart.
    pub(super) due: Vec<ChildId>,
    /// The number of messages that were handled since the engine last waited or yielded.
    handled: usize,
    /// The messages of later turns. Most engines never have any.
    backlog: Option<Box<Backlog>>,
}

/// Messages that are left for later turns.
#[derive(Default)]
struct Backlog {
    /// The messages that come first: all of them, or those of instances once the supervisor is ending.
    first: VecDeque<Message>,
    /// The commands that come last, once the supervisor is ending.
    commands: VecDeque<Message>,
    is_sorted: bool,
    /// The deadlines that have fired and are acted upon after `first` (invariant 3).
    fired: Vec<Deadline>,
}

impl Inbox {
    /// Counts messages that are about to be handled.
    pub(super) fn count(&mut self, messages: usize) {
        self.handled += messages;
    }

    /// Returns whether the engine must let other tasks run, even if more has been delivered. A task that
    /// was woken on this very worker would otherwise wait for the end of the flood.
    pub(super) fn must_yield(&self) -> bool {
        self.handled >= MESSAGES_PER_TURN
    }

    /// Notes that other tasks run.
    pub(super) fn note_yield(&mut self) {
        self.handled = 0;
    }

    /// Notes that the engine waits. A flood of messages must not leave a large buffer behind.
    pub(super) fn note_wait(&mut self) {
        self.handled = 0;
        self.mail.shrink_to(KEPT_CAPACITY);
    }

    /// Returns whether this turn does not handle everything, or follows on one that did not.
    #[inline]
    pub(super) fn has_backlog(&self) -> bool {
        self.backlog.is_some()
    }

    /// Returns whether there is a backlog, or more mail than one turn handles.
    #[inline]
    pub(super) fn exceeds_turn(&self) -> bool {
        self.has_backlog() || self.mail.len() > MESSAGES_PER_TURN
    }

    /// Returns whether a message is left for a later turn that comes before the deadlines and decisions
    /// of this one.
    #[inline]
    pub(super) fn is_behind(&self) -> bool {
        self.backlog.as_ref().is_some_and(|backlog| !backlog.first.is_empty())
    }

    /// Puts the mail behind the backlog, and takes out the messages of one turn.
    pub(super) fn ration(&mut self, is_ending: bool) {
        let backlog = self.backlog.get_or_insert_default();
        backlog.add(&mut self.mail, is_ending);
        for queue in [&mut backlog.first, &mut backlog.commands] {
            let room = MESSAGES_PER_TURN - self.mail.len();
            self.mail.extend(queue.drain(..room.min(queue.len())));
        }
    }

    /// Keeps the deadlines that have fired until the messages before them have been handled. Returns
    /// those that are due now. A backlog of which nothing is left is given up.
    #[cold]
    pub(super) fn hold(&mut self, mut fired: Vec<Deadline>) -> Vec<Deadline> {
        let Some(backlog) = &mut self.backlog else { return fired };
        backlog.fired.append(&mut fired);
        if !backlog.first.is_empty() {
            return fired;
        }
        fired = std::mem::take(&mut backlog.fired);
        if backlog.commands.is_empty() {
            self.backlog = None;
        }
        fired
    }

    /// Takes everything out that has not been handled.
    pub(super) fn take_rest(&mut self) -> impl Iterator<Item = Message> + use<> {
        let backlog = self.backlog.take().map(|backlog| *backlog).unwrap_or_default();
        std::mem::take(&mut self.mail).into_iter().chain(backlog.first).chain(backlog.commands)
    }
}

impl Backlog {
    /// Adds mail, and leaves `mail` empty.
    fn add(&mut self, mail: &mut Vec<Message>, is_ending: bool) {
        if is_ending && !self.is_sorted {
            self.is_sorted = true;
            let delivered = std::mem::take(&mut self.first);
            self.sort(delivered);
        }
        if is_ending {
            self.sort(mail.drain(..));
        } else if self.first.is_empty() {
            // A mailbox of a million messages is taken over without a copy.
            self.first = VecDeque::from(std::mem::take(mail));
        } else {
            self.first.extend(mail.drain(..));
        }
    }

    fn sort(&mut self, messages: impl IntoIterator<Item = Message>) {
        for message in messages {
            let queue = if message.is_command() { &mut self.commands } else { &mut self.first };
            queue.push_back(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::child::{Operation, Request};
    use crate::scope::{Reply, Way};

    fn command(name: usize) -> Message {
        let operation = Operation::Stop(Reply::new(tokio::sync::oneshot::channel().0));
        let way = Way::along(&name.to_string());
        let to_child = Request { way, ..Request::to_engine(operation) };
        Message::Command(to_child.into())
    }

    fn ready(instance: usize) -> Message {
        Message::Ready { child: ChildId::new(0), instance: instance as u64 }
    }

    /// Returns the number that a message was made of, which is negative for a command.
    fn number(message: Message) -> isize {
        match message {
            Message::Ready { instance, .. } => isize::try_from(instance).expect("it is small"),
            Message::Command(crate::child::Command::Request(request)) => {
                let name = request.way.rest().expect("a command has a name");
                -name.parse::<isize>().expect("the name is a number")
            }
            _ => unreachable!("no other message is made here"),
        }
    }

    fn turn(inbox: &mut Inbox, delivered: Vec<Message>, is_ending: bool) -> Vec<isize> {
        inbox.mail = delivered;
        if inbox.exceeds_turn() {
            inbox.ration(is_ending);
            inbox.hold(vec![]);
        }
        inbox.mail.drain(..).map(number).collect()
    }

    fn signed(range: std::ops::RangeInclusive<usize>, sign: isize) -> Vec<isize> {
        range.map(|number| sign * isize::try_from(number).expect("it is small")).collect()
    }

    #[test]
    fn a_turn_has_at_most_so_many_messages_in_the_order_of_their_delivery() {
        let mut inbox = Inbox::default();
        let delivered = (1..=2 * MESSAGES_PER_TURN + 2)
            .map(|number| if number % 2 == 0 { ready(number) } else { command(number) });
        let expected: Vec<_> = delivered.clone().map(number).collect();
        let mut found = turn(&mut inbox, delivered.collect(), false);
        assert!(found.len() == MESSAGES_PER_TURN && inbox.is_behind());
        found.extend(turn(&mut inbox, vec![], false));
        assert!(found.len() == 2 * MESSAGES_PER_TURN && inbox.is_behind());
        found.extend(turn(&mut inbox, vec![], false));
        assert_eq!(found, expected);
        assert!(!inbox.is_behind() && !inbox.exceeds_turn());
        assert_eq!(turn(&mut inbox, vec![ready(1), command(2)], false), [1, -2]);
    }

    #[test]
    fn mail_that_fits_one_turn_keeps_its_order_in_an_end_too() {
        let mut inbox = Inbox::default();
        assert_eq!(turn(&mut inbox, vec![command(1), ready(2)], true), [-1, 2]);
    }

    #[test]
    fn in_an_end_the_messages_of_instances_come_before_commands() {
        let mut inbox = Inbox::default();
        let most = MESSAGES_PER_TURN;
        let delivered = (1..=3 * most).map(command).chain([ready(1), ready(2)]).collect();
        assert_eq!(turn(&mut inbox, delivered, false), signed(1..=most, -1));
        let mut found = turn(&mut inbox, vec![command(3 * most + 1), ready(3)], true);
        assert!(!inbox.is_behind(), "only commands are left");
        assert_eq!(found[..3], [1, 2, 3]);
        found.extend(turn(&mut inbox, vec![ready(4)], true));
        assert_eq!(found[most], 4);
        found.extend(turn(&mut inbox, vec![], true));
        found.retain(|&number| number < 0);
        assert_eq!(found, signed(most + 1..=3 * most + 1, -1));
        assert!(!inbox.exceeds_turn());
    }

    #[test]
    fn what_is_left_is_handed_out_at_once() {
        let mut inbox = Inbox::default();
        let most = MESSAGES_PER_TURN;
        let first = turn(&mut inbox, (1..=2 * most).map(ready).collect(), false);
        assert_eq!(first.len(), most);
        let rest: Vec<_> = inbox.take_rest().map(number).collect();
        assert_eq!(rest, signed(most + 1..=2 * most, 1));
        assert!(!inbox.exceeds_turn() && inbox.take_rest().next().is_none());
    }
}
