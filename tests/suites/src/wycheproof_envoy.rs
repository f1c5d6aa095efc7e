//! The same vectors through a real Envoy, for the algorithms whose signatures Envoy itself checks: a module with authn's
//! own code in it reads keys and tokens, and what it hears from the proxy is the verdict. Nothing is computed in the
//! module instead.

use harness::client::h1;
use harness::{Envoy, Listener, Request, WasmFilter};
use serde_json::{Value, json};
use verifier::Question;

use crate::jose::{self, Case};
use crate::suite::{Fault, Ground, Score, Suite, Verdict};
use crate::wycheproof::{self, JWS, RAW};

pub(crate) const SUITE: Suite = Suite { name: "wycheproof.envoy", groups: &[], run };

/// What Envoy's `verify_signature` can be asked.
const SERVED: &[&str] = &["RS256", "RS384", "RS512", "ES256", "ES384"];

/// Few enough for a body of half a megabyte.
const BATCH: usize = 100;

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let folder = ground.folder.join("wycheproof");
    let expected = ground.expected("wycheproof")?;
    let mut proxy = Proxy::start()?;

    let tokens = wycheproof::jws(&folder, &expected)?;
    let (files, others): (Vec<_>, Vec<_>) =
        wycheproof::raw(&folder, &expected)?.into_iter().partition(|file| SERVED.contains(&file.algorithm));
    let count = files.iter().map(|file| file.count).sum();
    let signatures = |files: &[wycheproof::Signatures]| -> Vec<Case> {
        files.iter().flat_map(|file| file.cases.iter().cloned()).collect()
    };
    let (served, all) = (signatures(&files), [signatures(&files), signatures(&others)].concat());
    let by_us: Vec<Case> = tokens.iter().filter(|case| !is_served(case)).cloned().collect();
    let by_proxy: Vec<Case> = tokens.iter().filter(|case| is_served(case)).cloned().collect();

    Ok(vec![
        score(JWS, by_proxy.len(), &by_proxy, &tokens, ground, &mut proxy)?.leaving_out(left_out(by_us.len())),
        score(RAW, count, &served, &all, ground, &mut proxy)?.leaving_out(left_out(signatures(&others).len())),
    ])
}

/// Judges those of a group's cases that the proxy serves; what must happen to them is what must happen anywhere.
fn score(
    group: &str,
    count: usize,
    served: &[Case],
    all: &[Case],
    ground: &Ground,
    proxy: &mut Proxy,
) -> Result<Score, Fault> {
    let must = ground.differences.applied(group, &jose::labels(all))?;
    let did = jose::verdicts(served, &mut |questions| proxy.judge(questions))?;
    Ok(Score::of(format!("{group}.envoy"), count, &wycheproof::of(&must, served), &did))
}

fn left_out(count: usize) -> [String; 1] {
    [format!("{count} of keys for algorithms that Envoy does not check")]
}

/// Whether the proxy checks signatures of the key that a token is tried with. A key that says nothing is one of RSA or of
/// a curve that Envoy knows.
fn is_served(case: &Case) -> bool {
    let Question::Token { keys, are_secret: false, .. } = &case.question else { return false };
    let keys = keys["keys"].as_array().map(Vec::as_slice).unwrap_or_default();
    keys.iter().all(|key| match key.get("alg").and_then(Value::as_str) {
        Some(algorithm) => SERVED.contains(&algorithm),
        None => key["kty"] == "RSA" || key["crv"] == "P-256" || key["crv"] == "P-384",
    })
}

/// An Envoy with the module in it.
struct Proxy {
    envoy: Envoy,
}

impl Proxy {
    fn start() -> Result<Proxy, Fault> {
        let listener = Listener::new().filter(WasmFilter::new("verifier").configured(&json!({})));
        let envoy = Envoy::builder(listener).start();
        Ok(Proxy { envoy: envoy.map_err(|error| Fault::Surroundings(format!("an Envoy for the vectors: {error}")))? })
    }

    fn judge(&mut self, questions: &[Question]) -> Result<Vec<Verdict>, Fault> {
        let mut client = h1::Connection::open(self.envoy.address());
        let mut verdicts = Vec::new();
        for batch in questions.chunks(BATCH) {
            let asked = serde_json::to_value(batch).map_err(|error| Fault::Table(error.to_string()))?;
            let answer = client.send(&Request::post_json("/", &asked));
            if !answer.is(200) || answer.body.len() != batch.len() {
                return Err(Fault::Surroundings(format!(
                    "the module: expected {} verdicts, got {answer:?}",
                    batch.len()
                )));
            }
            for (question, letter) in batch.iter().zip(&answer.body) {
                verdicts.push(verdict(question, *letter)?);
            }
        }
        Ok(verdicts)
    }
}

fn verdict(question: &Question, letter: u8) -> Result<Verdict, Fault> {
    match letter {
        b'1' => Ok(Verdict::Accept),
        b'0' => Ok(Verdict::Refuse),
        _ => Err(Fault::Table(format!("expected Envoy to have an answer to {question:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(keys: &Value) -> Case {
        Case { name: "1".to_owned(), label: Verdict::Accept, question: jose::token(json!({"keys": keys}), "a.b.c") }
    }

    #[test]
    fn only_what_the_proxy_checks_is_put_to_it() {
        for (key, served) in [
            (json!({"kty": "RSA", "alg": "RS256"}), true),
            (json!({"kty": "RSA", "alg": "PS256"}), false),
            (json!({"kty": "RSA", "use": "enc"}), true),
            (json!({"kty": "EC", "crv": "P-384"}), true),
            (json!({"kty": "EC", "crv": "P-521"}), false),
            (json!({"kty": "oct", "alg": "HS256"}), false),
            (json!({"kty": "OKP", "crv": "Ed25519"}), false),
        ] {
            assert_eq!(is_served(&case(&json!([key]))), served, "{key}");
        }
    }

    #[test]
    fn no_answer_is_no_verdict() {
        let question = case(&json!([])).question;
        assert!(matches!(verdict(&question, b'1'), Ok(Verdict::Accept)));
        assert!(matches!(verdict(&question, b'0'), Ok(Verdict::Refuse)));
        assert!(verdict(&question, b'?').is_err());
    }
}
