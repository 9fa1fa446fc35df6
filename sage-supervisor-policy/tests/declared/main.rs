//! The analyses, the messages and the drawing of a declared tree.

mod constants;
mod drawn;
mod messages;
mod unwritten;
