//! What the model says, by the format that the request asked for: the text of each choice, whole.
//!
//! A text is judged when the API says that it ended, at the latest when the answer does. What no model wrote (a call of a
//! tool, a refusal, a thought) is no such text, and a choice without a text has nothing to judge.

use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis::ai::answer::{Answer, read_whole};
use portcullis::ai::read::{self, UNNUMBERED};
use portcullis::ai::vocabulary::{Provenance, What};

use crate::policy::Reading;
use crate::refusal::{Denial, Reason};
use crate::structured::Wanted;

use super::MAX_BYTES;

/// The texts of an answer that streams.
pub(crate) struct Said {
    answer: Answer,
    wanted: Rc<Wanted>,
    texts: Texts,
}

/// The texts of choices, by the numbers that the answer gives them.
#[derive(Default)]
struct Texts {
    open: BTreeMap<[u32; 2], String>,
    /// Those that have ended.
    ended: Vec<String>,
    bytes: usize,
}

impl Said {
    /// An answer of this type; `None` if nobody here reads it.
    pub(crate) fn new(wanted: Rc<Wanted>, content_type: &[u8]) -> Option<Self> {
        let answer = Answer::streamed(wanted.endpoint, content_type, MAX_BYTES).ok()?;
        Some(Self { answer, wanted, texts: Texts::default() })
    }

    pub(super) fn push(&mut self, reading: &Reading, piece: &[u8], last: bool) -> Result<(), Denial> {
        let Self { answer, wanted, texts } = self;
        let read = answer.push(piece, &mut |frame| texts.take(frame));
        let read = if last { read.and_then(|()| answer.finish(&mut |frame| texts.take(frame))) } else { read };
        read.map_err(|_| Reason::AnswerStructure)?;
        if last {
            texts.end(|_| true);
        }
        texts.judge(reading, wanted)
    }

    /// Judges an answer that came whole.
    pub(crate) fn whole(wanted: &Wanted, reading: &Reading, body: &[u8]) -> Result<(), Denial> {
        let (frame, _) = read_whole(wanted.endpoint, body, reading.limits).map_err(|_| Reason::AnswerStructure)?;
        let mut texts = Texts::default();
        texts.take(&frame);
        texts.end(|_| true);
        texts.judge(reading, wanted)
    }
}

impl Texts {
    fn take(&mut self, frame: &read::Reading<'_>) {
        for text in frame.texts.iter().filter(|text| text.provenance == Provenance::Assistant && !text.is_again) {
            let said = text.text.unescaped();
            self.bytes = self.bytes.saturating_add(said.len());
            if self.bytes <= MAX_BYTES {
                self.open.entry(text.index).or_default().push_str(&said);
            }
        }
        for note in frame.notes.iter().filter(|note| note.what == What::Finish) {
            let of = choice(note.index);
            self.end(|index| of == UNNUMBERED || choice(index) == of);
        }
    }

    fn end(&mut self, is_over: impl Fn([u32; 2]) -> bool) {
        let over: Vec<[u32; 2]> = self.open.keys().copied().filter(|index| is_over(*index)).collect();
        self.ended.extend(over.iter().filter_map(|index| self.open.remove(index)));
    }

    fn judge(&mut self, reading: &Reading, wanted: &Wanted) -> Result<(), Denial> {
        if self.bytes > MAX_BYTES {
            return Err(Reason::AnswerStructure.into());
        }
        self.ended.drain(..).filter(|text| !text.is_empty()).try_for_each(|text| wanted.hold(reading, &text))
    }
}

/// The number of the choice: the outer one.
fn choice(index: [u32; 2]) -> u32 {
    match index {
        [only, UNNUMBERED] => only,
        [_, outer] => outer,
    }
}
