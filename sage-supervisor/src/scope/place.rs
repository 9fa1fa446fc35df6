//! A place for a child, held until it is used or dropped.

use std::sync::Arc;

/// A run of a dynamic supervisor, as far as its places are concerned.
pub(crate) trait HoldsPlaces: Send + Sync {
    /// Takes back a place that was not used.
    fn release_place(&self);
}

/// A place among the children of one run of a dynamic supervisor. Nobody else can take the place before
/// it is used for a start, or dropped.
pub(crate) struct Place {
    /// The run that holds the place free, or `None` once the place was used.
    of: Option<Arc<dyn HoldsPlaces>>,
}

impl Place {
    pub(crate) fn new(of: Arc<dyn HoldsPlaces>) -> Self {
        Self { of: Some(of) }
    }

    /// Returns whether the place belongs to this run.
    pub(crate) fn is_of<H: HoldsPlaces>(&self, run: &Arc<H>) -> bool {
        let address = |of: &Arc<dyn HoldsPlaces>| Arc::as_ptr(of).cast::<H>();
        self.of.as_ref().is_some_and(|of| std::ptr::eq(address(of), Arc::as_ptr(run)))
    }

    /// Uses the place. The engine no longer counts it as reserved.
    pub(crate) fn redeem(mut self) {
        self.of = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(of) = self.of.take() {
            of.release_place();
        }
    }
}
