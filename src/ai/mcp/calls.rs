//! What each message of a request asks for, so that a policy can decide message by message.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::ai::read::{Note, Reading};
use crate::ai::vocabulary::What;
use crate::json::Text;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<'a> {
    /// Which it is, from 1.
    pub message: u32,
    /// What it is.
    pub kind: Kind,
    /// The method; `None` if it has none, or more than one.
    pub method: Option<Text<'a>>,
    /// Its `id`, a number as it is written; `None` if it has none, or `null`.
    pub id: Option<Text<'a>>,
    /// The tools or prompts that it names. Methods take one: whoever permits the call permits each.
    pub names: Vec<Text<'a>>,
    /// The resources that it names: as above, but that `subscriptions/listen` takes many.
    pub uris: Vec<Text<'a>>,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It has a method and an `id`.
    Request,
    /// It has a method, and no `id`.
    Notification,
    /// It has no method: it answers what the server asked.
    Answer,
    /// It can be taken for several, or for none, its `id` is `null`, or another message has it: nobody may let it pass.
    Unclear,
}

/// A request holds more messages than are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// As many messages a request may hold: what is kept of one takes more memory than an empty one takes bytes.
pub const MAX_MESSAGES: u32 = 64;

/// What each message of a request asks for, in order: as many as [`Reading::messages`], if these are at most
/// [`MAX_MESSAGES`]. A body that is no message has none, and servers take none of it.
///
/// ```
/// use portcullis::ai::endpoint::Endpoint;
/// use portcullis::ai::mcp::{Kind, calls};
/// use portcullis::ai::read::read;
/// use portcullis::http::path::Canonical;
/// use portcullis::ai::LIMITS;
///
/// let path = Canonical::read(b"/mcp").unwrap();
/// let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
/// let body = br#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "find", "arguments": {}}}"#;
/// let reading = read(body, endpoint.request, LIMITS).unwrap();
/// let [call] = calls(&reading).unwrap().try_into().unwrap();
/// assert_eq!((call.kind, call.message), (Kind::Request, 1));
/// assert_eq!((call.method.unwrap().raw(), call.names[0].raw()), ("tools/call", "find"));
/// ```
pub fn calls<'a>(reading: &Reading<'a>) -> Result<Vec<Call<'a>>, TooMany> {
    if reading.messages > MAX_MESSAGES {
        return Err(TooMany);
    }
    let mut drafts = vec![Draft::default(); usize::try_from(reading.messages).unwrap_or_default()];
    for note in &reading.notes {
        let draft = usize::try_from(note.message).ok().and_then(|message| drafts.get_mut(message.checked_sub(1)?));
        if let Some(draft) = draft {
            draft.take(note);
        }
    }
    let mut ids = HashSet::new();
    Ok((1..).zip(drafts).map(|(message, draft)| draft.call(message, &mut ids)).collect())
}

/// A message of which not all is known.
#[derive(Debug, Clone, Default)]
struct Draft<'a> {
    methods: Once<'a>,
    ids: Once<'a>,
    names: Vec<Text<'a>>,
    uris: Vec<Text<'a>>,
}

/// A word that should stand once.
#[derive(Debug, Clone, Copy, Default)]
enum Once<'a> {
    #[default]
    None,
    One(Text<'a>),
    Many,
}

impl<'a> Once<'a> {
    fn add(&mut self, text: Text<'a>) {
        *self = if matches!(self, Self::None) { Self::One(text) } else { Self::Many };
    }

    fn one(self) -> Option<Text<'a>> {
        if let Self::One(text) = self { Some(text) } else { None }
    }
}

impl<'a> Draft<'a> {
    fn take(&mut self, note: &Note<'a>) {
        match note.what {
            What::Method => self.methods.add(note.text),
            What::MessageId => self.ids.add(note.text),
            What::Call => self.names.push(note.text),
            What::Resource => self.uris.push(note.text),
            _ => {}
        }
    }

    fn call(self, message: u32, ids: &mut HashSet<Cow<'a, str>>) -> Call<'a> {
        let kind = self.kind(ids);
        let (method, id) = (self.methods.one(), self.ids.one().filter(|id| !id.is_null()));
        Call { message, kind, method, id, names: self.names, uris: self.uris }
    }

    fn kind(&self, ids: &mut HashSet<Cow<'a, str>>) -> Kind {
        let names_something = !self.names.is_empty() || !self.uris.is_empty();
        match (self.methods, self.ids) {
            (_, Once::One(id)) if id.is_null() => Kind::Unclear,
            (Once::One(_), Once::None) => Kind::Notification,
            (Once::One(_), Once::One(id)) if ids.insert(id.unescaped()) => Kind::Request,
            (Once::None, Once::One(_)) if !names_something => Kind::Answer,
            _ => Kind::Unclear,
        }
    }
}
