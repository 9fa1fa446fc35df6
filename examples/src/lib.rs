//! Runnable examples live beside this file, one per concept.
