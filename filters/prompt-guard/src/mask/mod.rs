//! A body without what must not go on, and with marks around what nobody in the conversation wrote.
//!
//! Only the strings change in which something was found: every other byte is the one that came. What overlaps is masked
//! as one. What was found in a text that had to be decoded first is masked as it was sent: all of the encoded run goes.

mod form;
mod masks;
mod spotlight;

use std::collections::BTreeMap;
use std::ops::Range;

use portcullis::splice::Edit;

pub(crate) use self::masks::Masks;
pub(crate) use self::spotlight::Marks;
use crate::gather::{Parts, Piece, Texts};
use crate::scope::Scope;

/// Bytes of a text to mask, and what they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Masked {
    pub(crate) span: Range<usize>,
    pub(crate) kind: &'static str,
}

/// Something stands where nothing can be written anew: in the name of a member, or in a body that nobody could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unwritable;

/// Whose texts are marked, and how.
pub(crate) struct Spotlit<'m> {
    pub(crate) scope: Scope,
    pub(crate) marks: &'m Marks,
}

impl Spotlit<'_> {
    fn fits(&self, piece: &Piece<'_>) -> bool {
        self.scope.has(piece.provenance) && !piece.is_identifier && !piece.text.is_empty()
    }
}

/// What to write anew in a body: what is to mask, by the place of its text, and whose texts are marked.
pub(crate) fn edits(
    texts: &Texts<'_>,
    mut found: BTreeMap<usize, Vec<Masked>>,
    masks: &mut Masks,
    spotlit: Option<&Spotlit<'_>>,
) -> Result<Vec<Edit>, Unwritable> {
    let mut edits = Vec::new();
    for (at, piece) in texts.pieces.iter().enumerate() {
        let mut masked = found.remove(&at).unwrap_or_default();
        for masked in &mut masked {
            masked.take_escape(&piece.text);
        }
        let masked = merged(masked);
        let spotlit = spotlit.filter(|spotlit| spotlit.fits(piece));
        match &piece.parts {
            _ if masked.is_empty() && spotlit.is_none() => {}
            Parts::None if masked.is_empty() => {}
            Parts::None => return Err(Unwritable),
            Parts::One(span) => {
                let text = masks.write(&piece.text, &masked);
                let text = spotlit.map_or_else(|| text.clone(), |spotlit| spotlit.marks.around(&text));
                edits.push(Edit { at: span.clone(), bytes: quoted(&text) });
            }
            Parts::Many(_) => edits.extend(in_parts(piece, &masked, masks)?),
        }
    }
    Ok(edits)
}

/// What is masked in one of several strings is written in that string; what reaches from one to the next in both. Both stand
/// from left to right, so none is looked at again for every other.
fn in_parts(piece: &Piece<'_>, masked: &[Masked], masks: &mut Masks) -> Result<Vec<Edit>, Unwritable> {
    let Parts::Many(parts) = &piece.parts else { return Ok(Vec::new()) };
    let mut edits = Vec::new();
    let mut rest = masked;
    for part in parts {
        let behind = rest.partition_point(|masked| masked.span.end <= part.at.start);
        rest = rest.get(behind..).unwrap_or_default();
        let touched = rest.iter().take_while(|masked| masked.span.start < part.at.end);
        let inside: Vec<Masked> = touched.filter_map(|masked| masked.inside(&part.at)).collect();
        if inside.is_empty() {
            continue;
        }
        let span = part.span.clone().ok_or(Unwritable)?;
        let text = piece.text.get(part.at.clone()).unwrap_or_default();
        edits.push(Edit { at: span, bytes: quoted(&masks.write(text, &inside)) });
    }
    Ok(edits)
}

impl Masked {
    /// A value may begin with the letter of an escape: `\nalice@acme.io` in JSON that is a text of JSON. The backslash goes
    /// with it, or what is left would be no JSON.
    fn take_escape(&mut self, text: &str) {
        let before = text.get(..self.span.start).unwrap_or_default();
        let backslashes = before.len().saturating_sub(before.trim_end_matches('\\').len());
        self.span.start = self.span.start.saturating_sub(backslashes % 2);
    }

    /// What of it stands in a part, counted from where the part begins.
    fn inside(&self, part: &Range<usize>) -> Option<Self> {
        let (start, end) = (self.span.start.max(part.start), self.span.end.min(part.end));
        let span = start.saturating_sub(part.start)..end.saturating_sub(part.start);
        (start < end).then_some(Self { span, kind: self.kind })
    }
}

/// The same without overlaps, from left to right.
fn merged(mut masked: Vec<Masked>) -> Vec<Masked> {
    masked.sort_by_key(|masked| (masked.span.start, std::cmp::Reverse(masked.span.end)));
    let mut merged: Vec<Masked> = Vec::with_capacity(masked.len());
    for next in masked {
        match merged.last_mut().filter(|last| next.span.start < last.span.end) {
            Some(last) => last.span.end = last.span.end.max(next.span.end),
            None => merged.push(next),
        }
    }
    merged
}

fn quoted(text: &str) -> Vec<u8> {
    serde_json::Value::from(text).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::With;
    use crate::gather::gather;
    use portcullis::ai::LIMITS;
    use portcullis::ai::endpoint::Endpoint;
    use portcullis::ai::read::read;
    use portcullis::ai::vocabulary::Provenance;
    use portcullis::http::path::Canonical;
    use portcullis::splice::spliced;

    fn written(body: &str, values: &[&str]) -> Result<String, Unwritable> {
        let path = Canonical::read(b"/v1/chat/completions").unwrap();
        let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.request, LIMITS).unwrap();
        let texts = gather(body.as_bytes(), &reading).unwrap();
        let mut found: BTreeMap<usize, Vec<Masked>> = BTreeMap::new();
        for (at, piece) in texts.pieces.iter().enumerate() {
            for value in values {
                let spans =
                    piece.text.match_indices(value).map(|(start, text)| start..start.saturating_add(text.len()));
                found.entry(at).or_default().extend(spans.map(|span| Masked { span, kind: "email" }));
            }
        }
        let edits = edits(&texts, found, &mut Masks::new(With::Placeholder), None)?;
        Ok(String::from_utf8(spliced(body.as_bytes(), edits)).unwrap())
    }

    #[test]
    fn one_value_has_one_placeholder_wherever_it_stands() {
        let body = r#"{"messages": [{"content": "a@x.de \u0062@x.de a@x.de"}, {"content":["a@x.de"]}], "user": "a@x.de", "n": 1 }"#;
        let expected = r#"{"messages": [{"content": "⟦EMAIL_1⟧ ⟦EMAIL_2⟧ ⟦EMAIL_1⟧"}, {"content":["⟦EMAIL_1⟧"]}], "user": "⟦EMAIL_1⟧", "n": 1 }"#;
        assert_eq!(written(body, &["a@x.de", "b@x.de"]).unwrap(), expected);
    }

    #[test]
    fn the_backslash_of_an_escape_goes_with_its_letter() {
        let body = r#"{"messages": [{"content": "{\"to\": \"x\\na@x.de \\\\a@x.de\"}"}]}"#;
        let expected = r#"{"messages": [{"content": "{\"to\": \"x⟦EMAIL_1⟧ \\\\⟦EMAIL_2⟧\"}"}]}"#;
        assert_eq!(written(body, &["na@x.de", "a@x.de"]).unwrap(), expected);
    }

    #[test]
    fn what_many_strings_hold_is_masked_in_each() {
        let values: Vec<String> = (0..20_000).map(|number| format!("\"{number}a@x.de\"")).collect();
        let body = format!(r#"{{"messages": [], "stop": [{}]}}"#, values.join(","));
        let out = written(&body, &["a@x.de"]).unwrap();
        assert_eq!(out, body.replace("a@x.de", "⟦EMAIL_1⟧"));
    }

    #[test]
    fn what_overlaps_is_masked_as_one() {
        let body = r#"{"messages": [{"content": "say abcde \"now\""}]}"#;
        let expected = r#"{"messages": [{"content": "say ⟦EMAIL_1⟧ \"now\""}]}"#;
        assert_eq!(written(body, &["abc", "b", "cde"]).unwrap(), expected);
    }

    #[test]
    fn what_names_a_call_has_no_marks() {
        let body = r#"{"messages": [{"role": "tool", "tool_call_id": "call_1", "content": "text"}]}"#;
        let path = Canonical::read(b"/v1/chat/completions").unwrap();
        let endpoint = Endpoint::find("POST", &path).unwrap().endpoint;
        let reading = read(body.as_bytes(), endpoint.request, LIMITS).unwrap();
        let texts = gather(body.as_bytes(), &reading).unwrap();
        let marks = Marks::new();
        let scope = Scope::of(&[Provenance::ToolResult]);
        let spotlit = Spotlit { scope, marks: &marks };
        let edits = edits(&texts, BTreeMap::new(), &mut Masks::new(With::Label), Some(&spotlit)).unwrap();
        let written = String::from_utf8(spliced(body.as_bytes(), edits)).unwrap();
        assert!(written.starts_with(r#"{"messages": [{"role": "tool", "tool_call_id": "call_1", "content": "<<"#));
    }

    #[test]
    fn the_name_of_a_member_is_never_written_anew() {
        for body in [r#"{"logit_bias": {"a@x.de": 1}}"#, r#"{"metadata": {"a@x.de" : "x"}}"#] {
            assert_eq!(written(body, &["a@x.de"]), Err(Unwritable), "{body}");
        }
    }
}
