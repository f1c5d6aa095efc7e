//! What a candidate's exchange is told of this one.

use super::Live;
use crate::adapter::candidate::{Around, Outcome, Second};
use crate::filter::Filter;
use crate::host::{Proxy, Side};

impl<F: Filter> Live<F> {
    fn around<'a>(&'a self, proxy: &'a dyn Proxy) -> Around<'a, F> {
        Around { core: &self.core, proxy, door: self.door(proxy) }
    }

    pub(super) fn begin_beside(&self, proxy: &dyn Proxy) {
        if let Some(candidate) = &self.core.candidate {
            self.second.get_or_init(|| Box::new(Second::begin(&self.around(proxy), candidate)));
        }
    }

    pub(super) fn beside(&self, proxy: &dyn Proxy, tell: impl FnOnce(&Second<F>, &Around<'_, F>)) {
        if let Some(second) = self.second.get() {
            tell(second, &self.around(proxy));
        }
    }

    /// The policy has decided on a side.
    pub(super) fn decided(&self, proxy: &dyn Proxy, side: Side, outcome: Outcome) {
        self.beside(proxy, |second, around| second.compare(around, side, outcome));
    }
}
