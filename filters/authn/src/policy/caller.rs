//! Who was found to be calling, as it is handed on: the identity in filter state's form, and the headers that tell the
//! upstream.

use std::rc::Rc;

use portcullis::identity::Identity;
use serde_json::Value;

use super::claims::Path;
use super::denial::{Denial, Reason};

/// A header that tells the upstream something of the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its name, in lower case.
    pub header: String,
    /// The path in the identity.
    pub path: Path,
}

/// Who is calling, ready to be handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    state: Rc<[u8]>,
    headers: Rc<[(usize, String)]>,
}

impl Caller {
    /// An identity that goes on in filter state and in these headers.
    pub fn of(identity: &Identity, announced: &[Announced]) -> Result<Self, Denial> {
        let state = identity.to_state().ok_or(Reason::IdentityTooLarge)?;
        let headers = if announced.is_empty() { Vec::new() } else { headers(identity, announced)? };
        Ok(Self { state: state.into(), headers: headers.into() })
    }

    /// The identity in filter state's form.
    pub fn state(&self) -> &[u8] {
        &self.state
    }

    /// Which of the announced headers are sent, and with what value.
    pub fn headers(&self) -> &[(usize, String)] {
        &self.headers
    }

    /// The same caller, limited by the API key that was shown beside.
    pub(super) fn with_key(&self, key: &Self, announced: &[Announced]) -> Result<Self, Denial> {
        let read = |caller: &Self| Identity::from_state(&caller.state).map_err(|_| Reason::IdentityTooLarge);
        let (mut identity, key) = (read(self)?, read(key)?);
        identity.api_key = identity.api_key.or(key.api_key);
        identity.models = common(identity.models, key.models);
        Self::of(&identity, announced)
    }
}

/// The models of both; a side without a limit allows all.
fn common(one: Option<Vec<String>>, other: Option<Vec<String>>) -> Option<Vec<String>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.into_iter().filter(|model| other.contains(model)).collect()),
        (one, other) => one.or(other),
    }
}

fn headers(identity: &Identity, announced: &[Announced]) -> Result<Vec<(usize, String)>, Denial> {
    let identity = serde_json::to_value(identity).map_err(|_| Reason::IdentityTooLarge)?;
    let value = |announced: &Announced| announced.path.iter().try_fold(&identity, |value, name| value.get(name));
    let mut headers = Vec::new();
    for (index, announced) in announced.iter().enumerate() {
        if let Some(found) = value(announced) {
            headers.push((index, text(found).ok_or(Reason::BadClaim.about("identity.headers"))?));
        }
    }
    Ok(headers)
}

/// A value as a header says it. A list of which an item holds a comma would be another list to whoever reads it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => sendable(text),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Array(items) => {
            let item = |item: &Value| item.as_str().and_then(sendable).filter(|text| !text.contains(','));
            items.iter().map(item).collect::<Option<Vec<_>>>().map(|items| items.join(","))
        }
        Value::Null | Value::Object(_) => None,
    }
}

fn sendable(text: &str) -> Option<String> {
    let is_sendable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && text.trim() == text;
    is_sendable.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn alice() -> Identity {
        let mut alice = Identity::of("alice");
        alice.roles = vec!["user".to_owned(), "trainer".to_owned()];
        alice.claims = json!({"org": {"unit": 7}, "list": ["a,b"], "deep": {}}).as_object().unwrap().clone();
        alice
    }

    fn announced(path: &[&str]) -> Announced {
        Announced { header: "x".to_owned(), path: path.iter().map(|name| (*name).to_owned()).collect() }
    }

    fn sent(identity: &Identity, path: &[&str]) -> Result<Option<String>, Reason> {
        let caller = Caller::of(identity, &[announced(path)]).map_err(|denial| denial.reason)?;
        Ok(caller.headers().first().map(|(_, text)| text.clone()))
    }

    #[test]
    fn a_header_says_what_the_identity_says() {
        for (path, value) in [
            (&["sub"][..], Some("alice")),
            (&["roles"], Some("user,trainer")),
            (&["claims", "org", "unit"], Some("7")),
            (&["tenant"], None),
            (&["claims", "none"], None),
        ] {
            assert_eq!(sent(&alice(), path), Ok(value.map(str::to_owned)), "{path:?}");
        }
    }

    #[test]
    fn what_a_header_cannot_say_clearly_refuses() {
        for path in [&["claims", "list"][..], &["claims", "deep"]] {
            assert_eq!(sent(&alice(), path), Err(Reason::BadClaim), "{path:?}");
        }
        for sub in ["Zo\u{eb}", " alice", "a\u{7f}"] {
            assert_eq!(sent(&Identity::of(sub), &["sub"]), Err(Reason::BadClaim), "{sub}");
        }
    }

    #[test]
    fn a_key_beside_a_token_limits_it() {
        let mut key = Identity::of("app");
        (key.api_key, key.models) = (Some("k1".to_owned()), Some(vec!["small".to_owned()]));
        let caller = Caller::of(&alice(), &[]).unwrap().with_key(&Caller::of(&key, &[]).unwrap(), &[]).unwrap();
        let both = Identity::from_state(caller.state()).unwrap();
        assert_eq!((both.sub.as_str(), both.api_key, both.models), ("alice", key.api_key, key.models));
    }
}
