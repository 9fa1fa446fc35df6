//! The places of a dynamic supervisor that are reserved for children.

use crate::command::CommandError;
use crate::engine::Engine;
use crate::scope::{Place, Reply};

impl Engine {
    /// Holds a place free for the caller, or lets the caller wait for one.
    pub(super) fn reserve(&mut self, reply: Reply<Place>, waits: bool) {
        if self.is_ending() {
            return reply.send(Err(self.is_ending_error()));
        }
        let max_children = self.max_children();
        // Callers that came before are served first.
        self.hand_out_places();
        if self.children.has_room(max_children) {
            self.children.grant(reply, &self.scope);
        } else if waits && max_children > 0 {
            self.children.wait_for_room(reply);
        } else {
            reply.send(Err(self.has_no_room_error(max_children)));
        }
    }

    /// Takes back a place that was reserved and has not been used.
    pub(super) fn release_place(&mut self) {
        self.children.release_place();
        self.hand_out_places();
    }

    /// Prepares the start of a child: the place that was reserved for the child is the next to be taken,
    /// and without one, callers that wait for room come first.
    #[cold]
    pub(super) fn make_way(&mut self, place: Option<Place>) {
        match place {
            Some(place) => {
                place.redeem();
                self.children.release_place();
            }
            None => self.hand_out_places(),
        }
    }

    /// Gives the places that have become free to the callers that wait for one, in the order in which they
    /// came.
    #[inline]
    pub(crate) fn hand_out_places(&mut self) {
        if self.children.is_room_wanted() {
            self.hand_out_wanted_places();
        }
    }

    #[cold]
    fn hand_out_wanted_places(&mut self) {
        if !self.is_ending() {
            self.children.hand_out_places(self.max_children(), &self.scope);
        }
    }

    fn max_children(&self) -> usize {
        self.declaration.dynamic.as_ref().map_or(usize::MAX, |dynamic| dynamic.max_children)
    }

    pub(super) fn has_no_room_error(&self, max_children: usize) -> CommandError {
        let path = self.scope.lineage().to_string();
        CommandError::MaxChildren { path, max_children, reserved: self.children.reserved() }
    }
}
