//! Choices, candidates and blocks of an answer, by their numbers: which of them are open.

/// Some of an answer's places.
#[derive(Default)]
pub(super) struct Places {
    /// Each with whether it is open.
    met: Vec<(u64, bool)>,
    /// There were more than are remembered.
    is_over_full: bool,
}

impl Places {
    /// The most that are remembered; as many choices as `OpenAI` makes.
    const MAX: usize = 128;

    /// Something is said here: it is open, unless it has ended.
    pub(super) fn meet(&mut self, at: u64) {
        self.place(at);
    }

    /// It has ended, and stays so.
    pub(super) fn end(&mut self, at: u64) {
        if let Some((_, is_open)) = self.place(at) {
            *is_open = false;
        }
    }

    /// It has ended, and nothing of its number comes again.
    pub(super) fn leave(&mut self, at: u64) {
        self.met.retain(|(known, _)| *known != at);
    }

    /// Those that are open; `None` if nobody knows.
    pub(super) fn open(&self) -> Option<Vec<u64>> {
        let open = self.met.iter().filter(|(_, is_open)| *is_open).map(|(at, _)| *at);
        (!self.is_over_full).then(|| open.collect())
    }

    /// The same of an answer that has one at least: if none was met yet, it is the first.
    pub(super) fn open_or_first(&self) -> Option<Vec<u64>> {
        if self.met.is_empty() { self.open().map(|_| vec![0]) } else { self.open() }
    }

    /// Whether none was met.
    pub(super) fn is_empty(&self) -> bool {
        self.met.is_empty()
    }

    fn place(&mut self, at: u64) -> Option<&mut (u64, bool)> {
        let found = self.met.iter().position(|(known, _)| *known == at);
        if found.is_none() && self.met.len() == Self::MAX {
            self.is_over_full = true;
            return None;
        }
        if found.is_none() {
            self.met.push((at, true));
        }
        found.map_or(self.met.len().checked_sub(1), Some).and_then(|at| self.met.get_mut(at))
    }
}
