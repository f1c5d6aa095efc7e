//! What the members of an API's JSON mean, written as tables: a [`Shape`] an object, an [`Is`] a value.
//!
//! A dialect is such tables and nothing else that walks: [`read`](super::read) follows them, the table of fields in the
//! documentation is printed from them, and a test compares them with the API's published schema.
//!
//! A list means what its elements mean, at any depth, because these APIs take one or many nearly everywhere; where they
//! take one alone, which of many a server would take is not known ([`Is::alone`]). What no
//! table names is read as text of unknown provenance and reported: nobody adds a field to an API to hide it from us.

mod index;

use std::sync::OnceLock;

use super::vocabulary::{Feature, Measure, Provenance, Unread, What};
use index::Index;
pub use index::Known;

/// An object.
#[derive(Debug)]
pub struct Shape {
    /// What the API's reference calls it.
    pub name: &'static str,
    /// Whether it is a message: what it holds gets a number of its own ([`Text::message`](super::read::Text::message)).
    pub is_message: bool,
    /// The members it may have.
    pub members: &'static [(&'static str, Is)],
    /// Objects whose members it may have besides: where a path takes what several APIs take.
    pub also: &'static [&'static Self],
    /// What its other members are; none is anything but reported if this is `None`.
    pub others: Option<Is>,
    /// Who speaks if its role does not say.
    pub speaker: Provenance,
    /// Whether each name is taken in snake case too: `topP` as `top_p`.
    pub in_snake_case: bool,
    /// All of its names, for [`Shape::known`].
    index: OnceLock<Index>,
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Is {
    /// A number, a switch, an identifier or a word of a fixed list: nothing that a model reads as text. A string is
    /// passed over; an object here is not what the API documents, and is read as text.
    Plain,
    /// Text, and every string, number and member name in it if it is an object. A number is text too.
    Text(Provenance),
    /// An object; a string is not what the API documents, and is read as text.
    Object(&'static Shape),
    /// Text, or an object of this shape.
    TextOr(Provenance, &'static Shape),
    /// An object of this shape, or what the other is.
    Or(&'static Is, &'static Shape),
    /// An object of this shape whose texts come from here, whoever sent the message around it.
    From(Provenance, &'static Shape),
    /// Text, or numbers that are tokens, which we cannot read.
    TextOrTokens(Provenance),
    /// Who speaks, in the object around it: the provenance of its texts.
    Role,
    /// The `type` of the object around it: says whether its [`Is::Data`] is text.
    Type,
    /// The number of a choice or a part, in the object around it.
    Index,
    /// The model.
    Model,
    /// Whether the answer is to be streamed.
    Stream,
    /// A word, and the one that asks for a stream.
    StreamIf(&'static str),
    /// A number that means something to a policy.
    Number(Measure),
    /// The same, where a decimal integer in quotes is one too, as the JSON of protocol buffers has it (Google).
    Decimal(Measure),
    /// Something that a policy may forbid; `null`, `false`, `0`, `""`, `"NONE"`, `[]` and `{}` do not use it.
    Uses(Feature),
    /// A word, and the one that uses a feature.
    UsesIf(&'static str, Feature),
    /// What this is; that it is there uses a feature, once for each element of a list. `null`, `false`, `""` and `[]` do not.
    Using(Feature, &'static Is),
    /// A word to keep: the name of a tool, a method.
    Note(What),
    /// The same, and a model reads it.
    NoteText(What, Provenance),
    /// The `type` of a tool: the name of one that is the API's own; `function` and `custom` are the caller's.
    ToolType,
    /// A tool of the API's own by this name, which is here if this object is.
    BuiltIn(&'static str, &'static Shape),
    /// An address: a `data:` URL holds bytes, another is fetched by somebody else.
    Url,
    /// Base64, or text if the `type` of its object is `text`.
    Data,
    /// Something that cannot be read here.
    Unread(Unread),
    /// What this is; it may say what a stream has said before, in parts. It is told with a mark
    /// ([`Text::is_again`](super::read::Text::is_again)): who was sent only the end of the stream reads it here.
    Repeated(&'static Is),
    /// In answers alone: scores and counts, in which nobody says anything. It is passed over.
    Again,
}

impl Is {
    /// The table of an object that may stand here.
    pub const fn shape(self) -> Option<&'static Shape> {
        match self {
            Self::Object(shape)
            | Self::TextOr(_, shape)
            | Self::Or(_, shape)
            | Self::From(_, shape)
            | Self::BuiltIn(_, shape) => Some(shape),
            Self::Repeated(is) | Self::Using(_, is) => is.shape(),
            _ => None,
        }
    }

    /// What a string or number is that stands here.
    #[must_use]
    pub const fn scalar(self) -> Self {
        match self {
            Self::Or(scalar, _) => *scalar,
            Self::Repeated(is) | Self::Using(_, is) => is.scalar(),
            _ => self,
        }
    }

    /// What a member of this value is; a list is no step. `None` if no table says.
    pub fn member(self, name: &str) -> Option<Self> {
        match self {
            // All that is in it is text, or is passed over with it.
            Self::Text(_) | Self::TextOrTokens(_) | Self::Uses(_) | Self::Unread(_) | Self::Again => Some(self),
            Self::Repeated(is) | Self::Using(_, is) => is.member(name),
            _ => self.shape()?.member(name),
        }
    }

    /// What this is called where it may be nothing else: no list of such, no object. `None` where one or many may stand.
    pub const fn alone(self) -> Option<&'static str> {
        match self {
            Self::Model | Self::StreamIf(_) | Self::Note(What::Method) => Some("a string"),
            Self::Note(What::MessageId) => Some("a string or an integer"),
            Self::Stream => Some("true or false"),
            Self::Number(_) | Self::Decimal(_) | Self::Index => Some("an integer"),
            Self::Using(_, is) => is.alone(),
            _ => None,
        }
    }

    /// Whether a string that stands here is read, or listed as one that is not.
    pub const fn takes_text(self) -> bool {
        match self {
            Self::Object(_) | Self::From(..) | Self::BuiltIn(..) => false,
            Self::Repeated(is) | Self::Using(_, is) => is.takes_text(),
            _ => true,
        }
    }
}

impl Shape {
    /// An object with these members.
    pub const fn of(name: &'static str, members: &'static [(&'static str, Is)]) -> Self {
        let speaker = Provenance::Unknown;
        let (is_message, in_snake_case) = (false, false);
        Self { name, is_message, members, also: &[], others: None, speaker, in_snake_case, index: OnceLock::new() }
    }

    /// A message.
    #[must_use]
    pub const fn message(mut self) -> Self {
        self.is_message = true;
        self
    }

    /// It may have the members of these too; one that it has itself comes first.
    #[must_use]
    pub const fn also(mut self, also: &'static [&'static Self]) -> Self {
        self.also = also;
        self
    }

    /// Each of its own names is taken in snake case too.
    #[must_use]
    pub const fn in_snake_case_too(mut self) -> Self {
        self.in_snake_case = true;
        self
    }

    /// Who speaks if no role says so.
    #[must_use]
    pub const fn spoken_by(mut self, speaker: Provenance) -> Self {
        self.speaker = speaker;
        self
    }

    /// What its other members are.
    #[must_use]
    pub const fn others(mut self, is: Is) -> Self {
        self.others = Some(is);
        self
    }

    /// What a member is; `None` if nobody said.
    pub fn member(&self, name: &str) -> Option<Is> {
        match self.known(name) {
            Known::Member(is) => Some(is),
            Known::Variant | Known::Not => self.others,
        }
    }

    /// Whether a name is that of a member, or one that a reader that ignores case could take for it.
    pub fn known(&self, name: &str) -> Known {
        self.index().find(name)
    }

    /// A member's name as its other spelling has it too; `None` if there is one spelling alone.
    pub fn in_one_spelling(&self, name: &str) -> Option<String> {
        let has_two = name.contains('_') || name.contains(|letter: char| letter.is_ascii_uppercase());
        (self.in_snake_case && has_two).then(|| index::snake_case(name))
    }

    /// Whether one of the members says who speaks.
    pub fn has_role(&self) -> bool {
        self.index().has_role
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SHAPE: Shape = Shape::of("x", &[("model", Is::Model), ("stream", Is::Stream), ("k", Is::Plain)]);

    #[test]
    fn a_variant_of_a_name_is_what_a_lenient_reader_takes_for_it() {
        for name in ["Model", "MODEL", "\u{17f}tream", "\u{212a}", "K"] {
            assert!(matches!(SHAPE.known(name), Known::Variant), "{name}");
        }
        for name in ["model", "models", "mode", "", "stre\u{e4}m", "k"] {
            assert!(!matches!(SHAPE.known(name), Known::Variant), "{name}");
        }
    }

    #[test]
    fn a_name_in_snake_case_is_another_spelling_and_no_variant() {
        static BOTH: Shape = Shape::of("both", &[("topP", Is::Model), ("_jsonKey", Is::Role)]).in_snake_case_too();
        for name in ["topP", "top_p"] {
            assert!(matches!(BOTH.known(name), Known::Member(Is::Model)), "{name}");
        }
        for name in ["_jsonKey", "_json_key"] {
            assert!(matches!(BOTH.known(name), Known::Member(Is::Role)), "{name}");
        }
        for name in ["Top_p", "top_P", "TopP", "topp"] {
            assert!(matches!(BOTH.known(name), Known::Variant), "{name}");
        }
        assert!(matches!(BOTH.known("json_key"), Known::Not) && matches!(SHAPE.known("top_p"), Known::Not));
    }

    #[test]
    fn a_shape_has_the_members_of_others_too_and_its_own_come_first() {
        static BOTH: Shape = Shape::of("both", &[("k", Is::Role)]).also(&[&SHAPE]);
        assert!(matches!(BOTH.member("model"), Some(Is::Model)));
        assert!(matches!(BOTH.member("k"), Some(Is::Role)));
        assert!(BOTH.member("x").is_none());
        assert!(matches!(BOTH.known("Model"), Known::Variant));
        assert!(BOTH.has_role() && !SHAPE.has_role());
    }
}
