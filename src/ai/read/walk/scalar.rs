//! What a string, a number or a switch is, where it stands.

use super::Walk;
use crate::ai::read::number::{Whole, decimal, whole};
use crate::ai::read::{Fault, Place};
use crate::ai::shape::Is;
use crate::ai::vocabulary::{Measure, Provenance, Unread, What};
use crate::json::{Number, Text as Written};

impl<'a> Walk<'a> {
    pub(super) fn string(&mut self, text: Written<'a>) -> Result<(), Fault> {
        match self.next.scalar() {
            Is::Plain | Is::Again => {}
            Is::Text(provenance) | Is::TextOr(provenance, _) | Is::TextOrTokens(provenance) => {
                self.tell(text, self.inherit(provenance));
            }
            Is::Object(_) | Is::Or(..) | Is::From(..) | Is::BuiltIn(..) | Is::Repeated(_) | Is::Using(..) => {
                self.tell(text, Provenance::Unknown);
            }
            Is::ToolType if matches!(&*text.unescaped(), "function" | "custom") => {}
            Is::ToolType => self.note(What::Tool, text),
            Is::Role => self.say(|said| said.role = Some(role(&text.unescaped()))),
            Is::Type => self.say(|said| said.kind = Some(text)),
            Is::Index | Is::Number(_) => return Err(self.wrong("an integer")),
            Is::Decimal(measure) => {
                let value = decimal(&text.unescaped());
                self.count(measure, value)?;
            }
            Is::Model if self.reading.model.is_some() => self.note(What::Model, text),
            Is::Model => self.reading.model = Some(text),
            Is::Stream => return Err(self.wrong("true or false")),
            Is::StreamIf(word) => self.reading.stream = Some(text.unescaped() == word),
            Is::Uses(feature) => self.reading.features.extend((!is_none(&text.unescaped())).then_some(feature)),
            Is::UsesIf(word, feature) => self.reading.features.extend((text.unescaped() == word).then_some(feature)),
            Is::Note(what) => self.note(what, text),
            Is::NoteText(what, provenance) => {
                self.note(what, text);
                self.tell(text, self.inherit(provenance));
            }
            Is::Url => self.url(text),
            Is::Data => {
                let span = self.reader.span();
                self.say(|said| said.data.push((text, span)));
            }
            Is::Unread(why) => self.reading.unread.push((why, self.reader.span())),
        }
        Ok(())
    }

    pub(super) fn number(&mut self, number: Number<'a>) -> Result<(), Fault> {
        match self.next.scalar() {
            Is::Number(measure) | Is::Decimal(measure) => {
                self.count(measure, whole(number))?;
            }
            Is::Index => {
                let index = number.as_u64().and_then(|index| u32::try_from(index).ok());
                let index = index.ok_or_else(|| self.wrong("a small integer"))?;
                self.say(|said| said.index = Some(index));
            }
            Is::TextOrTokens(_) => self.tokens(),
            Is::Text(provenance) | Is::TextOr(provenance, _) => {
                self.tell(Written::of_number(number), self.inherit(provenance));
            }
            Is::Object(_) | Is::Or(..) | Is::From(..) | Is::BuiltIn(..) => {
                self.tell(Written::of_number(number), Provenance::Unknown);
            }
            Is::NoteText(what, provenance) => {
                let text = Written::of_number(number);
                self.note(what, text);
                self.tell(text, self.inherit(provenance));
            }
            Is::Uses(feature) if number.as_f64() != Some(0.0) => self.reading.features.push(feature),
            Is::Model | Is::StreamIf(_) | Is::Note(What::Method) => return Err(self.wrong("a string")),
            Is::Stream => return Err(self.wrong("true or false")),
            Is::Note(what) => self.note(what, Written::of_number(number)),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn switch(&mut self, value: bool) -> Result<(), Fault> {
        match self.next {
            Is::Stream => self.reading.stream = Some(value),
            Is::Uses(feature) if value => self.reading.features.push(feature),
            Is::Uses(feature) => self.reading.declined.push(feature),
            _ => self.refuse_if_alone()?,
        }
        Ok(())
    }

    /// Keeps a number. Below zero a bound is none, as a cap of 0 is, and what was used is nothing that was told.
    fn count(&mut self, measure: Measure, whole: Option<Whole>) -> Result<(), Fault> {
        let value = match whole.ok_or_else(|| self.wrong("an integer"))? {
            // Ollama takes a cap of 0 for none, and so does whoever writes `max_tokens or default`.
            Whole::Natural(0) if measure == Measure::MaxOutputTokens => u64::MAX,
            Whole::Natural(value) => value,
            Whole::BelowZero if measure.is_asked() => u64::MAX,
            Whole::BelowZero => return Ok(()),
        };
        self.reading.numbers.push((measure, value));
        self.reading.places.push(Place { span: self.reader.span(), depth: self.reader.depth() });
        Ok(())
    }

    /// A list of tokens is told once, up to its last.
    fn tokens(&mut self) {
        let span = self.reader.span();
        match self.reading.unread.last_mut() {
            Some((Unread::TokenIds, last)) if last.end.saturating_add(8) > span.start => last.end = span.end,
            _ => self.reading.unread.push((Unread::TokenIds, span)),
        }
    }

    fn url(&mut self, text: Written<'a>) {
        let is_data = text.unescaped().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        let why = if is_data { Unread::Binary } else { Unread::Remote };
        self.reading.unread.push((why, self.reader.span()));
    }
}

/// A word that asks for nothing.
fn is_none(word: &str) -> bool {
    word.is_empty() || word.eq_ignore_ascii_case("none")
}

/// Who speaks, in any dialect's word.
fn role(word: &str) -> Provenance {
    match word {
        "system" | "SYSTEM" => Provenance::System,
        "developer" | "critic" | "discriminator" => Provenance::Developer,
        "user" | "ROLE_USER" | "USER" | "user_input" => Provenance::User,
        "assistant" | "model" | "agent" | "ROLE_AGENT" | "CHATBOT" | "model_output" => Provenance::Assistant,
        "tool" | "function" | "TOOL" => Provenance::ToolResult,
        "thought" => Provenance::Reasoning,
        _ => Provenance::Unknown,
    }
}
