//! What the model says, by the format that the request asked for: the text of each choice, whole.
//!
//! A text is judged when the API says that its choice or the answer ended, at the latest when the body does. A choice that
//! calls a tool or refuses has nothing to judge, whatever else it says; what a model thought is no text.

use std::collections::BTreeMap;
use std::rc::Rc;

use portcullis::ai::answer::{Answer, read_whole};
use portcullis::ai::dialect::Dialect;
use portcullis::ai::endpoint::Endpoint;
use portcullis::ai::read::{self, UNNUMBERED};
use portcullis::ai::vocabulary::{Operation, Provenance, What};

use crate::policy::Reading;
use crate::refusal::{Denial, Reason};
use crate::structured::Wanted;

use super::MAX_BYTES;

/// So many choices an answer may have: OpenAI's `n` is at most 128.
const MOST_CHOICES: usize = 128;

/// The texts of an answer that streams.
pub(crate) struct Said {
    answer: Answer,
    wanted: Rc<Wanted>,
    choices: Choices,
}

/// The choices that have not ended.
struct Choices {
    /// Whether the outer number of a text is that of its choice; else there is one choice alone.
    are_numbered: bool,
    open: BTreeMap<u32, Choice>,
    ended: Vec<String>,
    bytes: usize,
}

/// What a choice has said so far.
#[derive(Default)]
struct Choice {
    text: Option<String>,
    /// Whether it calls a tool, or refuses.
    does_else: bool,
}

impl Said {
    /// How many bytes of it are kept at most: of a frame, and of texts.
    pub(super) const WINDOW: usize = 2 * MAX_BYTES;

    /// An answer of this type; `None` if nobody here reads it piece by piece.
    pub(crate) fn new(wanted: Rc<Wanted>, content_type: &[u8]) -> Option<Self> {
        let answer = Answer::streamed(wanted.endpoint, content_type, MAX_BYTES).ok()?;
        let choices = Choices::of(wanted.endpoint);
        Some(Self { answer, wanted, choices })
    }

    /// The next piece; `last` comes once.
    pub(crate) fn push(&mut self, reading: &Reading, piece: &[u8], last: bool) -> Result<(), Denial> {
        let Self { answer, wanted, choices } = self;
        let read = answer.push(piece, &mut |frame| choices.take(frame));
        let read = if last { read.and_then(|()| answer.finish(&mut |frame| choices.take(frame))) } else { read };
        read.map_err(|_| Reason::AnswerStructure)?;
        if last || answer.told().is_over {
            choices.end(None);
        }
        choices.judge(reading, wanted)
    }

    /// Judges an answer that came whole.
    pub(crate) fn whole(wanted: &Wanted, reading: &Reading, body: &[u8]) -> Result<(), Denial> {
        let (frame, _) = read_whole(wanted.endpoint, body, reading.limits).map_err(|_| Reason::AnswerStructure)?;
        let mut choices = Choices::of(wanted.endpoint);
        choices.take(&frame);
        choices.end(None);
        choices.judge(reading, wanted)
    }
}

impl Choices {
    fn of(endpoint: &Endpoint) -> Self {
        // Anthropic and the Responses API number what stands in their only choice.
        let are_numbered = endpoint.dialect != Dialect::Anthropic && endpoint.operation != Operation::Responses;
        Self { are_numbered, open: BTreeMap::new(), ended: Vec::new(), bytes: 0 }
    }

    fn take(&mut self, frame: &read::Reading<'_>) {
        for text in frame.texts.iter().filter(|text| !text.is_again) {
            match text.provenance {
                Provenance::Assistant => self.add(text.index, &text.text.unescaped()),
                Provenance::Refusal => self.choice(text.index).does_else = true,
                _ => {}
            }
        }
        let noted = |what: What| frame.notes.iter().filter(move |note| note.what == what);
        noted(What::Call).for_each(|note| self.choice(note.index).does_else = true);
        noted(What::Finish).for_each(|note| self.end(self.number(note.index)));
    }

    fn add(&mut self, index: [u32; 2], said: &str) {
        self.bytes = self.bytes.saturating_add(said.len());
        if self.bytes <= MAX_BYTES {
            self.choice(index).text.get_or_insert_default().push_str(said);
        }
    }

    fn choice(&mut self, index: [u32; 2]) -> &mut Choice {
        let number = self.number(index).unwrap_or_default();
        self.open.entry(number).or_default()
    }

    /// The number of a choice, the outer one; `None` where there is none.
    fn number(&self, index: [u32; 2]) -> Option<u32> {
        match index {
            _ if !self.are_numbered => None,
            [UNNUMBERED, _] => None,
            [only, UNNUMBERED] => Some(only),
            [_, outer] => Some(outer),
        }
    }

    /// The choice of this number is over, or all of them.
    fn end(&mut self, number: Option<u32>) {
        let over = self.open.extract_if(.., |open, _| number.is_none_or(|number| number == *open));
        let texts = over.filter(|(_, choice)| !choice.does_else).filter_map(|(_, choice)| choice.text);
        self.ended.extend(texts);
    }

    fn judge(&mut self, reading: &Reading, wanted: &Wanted) -> Result<(), Denial> {
        if self.bytes > MAX_BYTES || self.open.len() > MOST_CHOICES {
            return Err(Reason::AnswerStructure.into());
        }
        self.ended.drain(..).try_for_each(|text| wanted.hold(reading, &text))
    }
}
