//! C2SP/wycheproof: tokens, key sets and bare signatures that were made to fool verifiers.
//!
//! A label is what `expectations.yaml` says of a vector under `faulty` and `policy`, else the vector's own `result`. A
//! vector that is `acceptable` either way says nothing; the table does not count those, and they are named as left out.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use verifier::Question;

use crate::differences::Differences;
use crate::jose::{self, Case, Judge};
use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "wycheproof", groups: &[JWS, JWK, RAW], run };

pub(crate) const JWS: &str = "wycheproof.jws";
pub(crate) const JWK: &str = "wycheproof.jwk";
pub(crate) const RAW: &str = "wycheproof.raw";

const JWS_FILE: &str = "json_web_signature_test.json";
const JWK_FILE: &str = "json_web_key_test.json";

/// The suite's entry in `expectations.yaml`.
#[derive(Debug, Deserialize)]
pub(crate) struct Expectations {
    #[serde(rename = "json_web_signature_test.json")]
    jws: Tokens,
    #[serde(rename = "json_web_key_test.json")]
    jwk: Tokens,
    raw_signature_files: BTreeMap<String, serde_norway::Value>,
}

/// A file of tokens: how many, and whose labels are corrected.
#[derive(Debug, Deserialize)]
pub(crate) struct Tokens {
    pub(crate) cases: usize,
    #[serde(default)]
    faulty: BTreeMap<u32, Correction>,
    #[serde(default)]
    policy: BTreeMap<u32, Correction>,
}

#[derive(Debug, Deserialize)]
struct Correction {
    label: String,
    must: String,
}

/// A file of vectors, as far as it is looked at.
#[derive(Debug, Deserialize)]
pub(crate) struct Vectors {
    #[serde(rename = "testGroups")]
    groups: Vec<Group>,
}

/// Vectors of one key, or of one set of keys.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(rename = "type")]
    kind: String,
    sha: Option<String>,
    public: Option<Value>,
    private: Option<Value>,
    #[serde(alias = "keyJwk")]
    public_key_jwk: Option<Map<String, Value>>,
    public_key: Option<Map<String, Value>>,
    tests: Vec<Vector>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    result: String,
    #[serde(default)]
    jws: String,
    #[serde(default)]
    msg: String,
    #[serde(default)]
    sig: String,
}

/// A file of bare signatures.
#[derive(Debug)]
pub(crate) struct Signatures {
    pub(crate) file: String,
    /// The one algorithm of its vectors.
    pub(crate) algorithm: &'static str,
    /// How many the table counts.
    pub(crate) count: usize,
    pub(crate) cases: Vec<Case>,
    acceptable: usize,
}

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let folder = ground.folder.join("wycheproof");
    let expected: Expectations = ground.expected("wycheproof")?;
    let mut scores = vec![
        judged(JWS, expected.jws.cases, &jws(&folder, &expected)?, &ground.differences, &mut jose::here)?,
        judged(JWK, expected.jwk.cases, &jwk(&folder, &expected)?, &ground.differences, &mut jose::here)?,
    ];
    scores.extend(raw_scores(&raw(&folder, &expected)?, total(&expected)?, &ground.differences, &mut jose::here)?);
    Ok(scores)
}

/// Judges cases by their labels and by the differences that somebody owns.
fn judged(
    name: &str,
    count: usize,
    cases: &[Case],
    differences: &Differences,
    judge: Judge<'_>,
) -> Result<Score, Fault> {
    let must = differences.applied(name, &jose::labels(cases))?;
    Ok(Score::of(name, count, &must, &jose::verdicts(cases, judge)?))
}

// Tokens.

/// The tokens, each with the one key that it is tried with.
pub(crate) fn jws(folder: &Path, expected: &Expectations) -> Result<Vec<Case>, Fault> {
    tokens(JWS_FILE, jose::read(&folder.join(JWS_FILE))?, &expected.jws, |key| json!({"keys": [key]}))
}

fn jwk(folder: &Path, expected: &Expectations) -> Result<Vec<Case>, Fault> {
    tokens(JWK_FILE, jose::read(&folder.join(JWK_FILE))?, &expected.jwk, |set| set)
}

fn tokens(file: &str, vectors: Vectors, expected: &Tokens, set: fn(Value) -> Value) -> Result<Vec<Case>, Fault> {
    let mut cases = Vec::new();
    for Group { public, private, tests, .. } in vectors.groups {
        let keys = public.or(private).ok_or_else(|| fault(file, "expected keys in each group"))?;
        for Vector { tc_id, result, jws, .. } in tests {
            let label = expected.label(tc_id, &result).map_err(|what| fault(file, &what))?;
            cases.push(Case { name: tc_id.to_string(), label, question: jose::token(set(keys.clone()), &jws) });
        }
    }
    expected.check_ids(&cases).map_err(|what| fault(file, &what))?;
    Ok(cases)
}

impl Tokens {
    fn corrections(&self) -> impl Iterator<Item = (&u32, &Correction)> {
        self.faulty.iter().chain(&self.policy)
    }

    fn label(&self, id: u32, result: &str) -> Result<Verdict, String> {
        let Some((_, correction)) = self.corrections().find(|(corrected, _)| **corrected == id) else {
            return verdict(result);
        };
        if correction.label != result {
            return Err(format!("{id}: expected the label {}, found {result}", correction.label));
        }
        // `reject when key.alg is enforced`: we enforce it.
        verdict(correction.must.split(' ').next().unwrap_or_default())
    }

    fn check_ids(&self, cases: &[Case]) -> Result<(), String> {
        let is_known = |id: &u32| cases.iter().any(|case| case.name == id.to_string());
        match self.corrections().find(|(id, _)| !is_known(id)) {
            None => Ok(()),
            Some((id, _)) => Err(format!("{id}: expected a vector of this number")),
        }
    }
}

// Signatures.

/// The files of signatures that the table counts.
pub(crate) fn raw(folder: &Path, expected: &Expectations) -> Result<Vec<Signatures>, Fault> {
    let files = expected.raw_signature_files.iter().filter(|(name, _)| name.ends_with("_test.json"));
    let read = |(file, count): (&String, &serde_norway::Value)| {
        signatures(file, number(file, count)?, jose::read(&folder.join(file))?)
    };
    files.map(read).collect()
}

fn total(expected: &Expectations) -> Result<usize, Fault> {
    let total = expected.raw_signature_files.get("total");
    number("total", total.unwrap_or(&serde_norway::Value::Null))
}

fn number(name: &str, value: &serde_norway::Value) -> Result<usize, Fault> {
    let number = value.as_u64().and_then(|number| usize::try_from(number).ok());
    number.ok_or_else(|| Fault::Table(format!("expectations.yaml: raw_signature_files: {name}: expected a number")))
}

fn signatures(file: &str, count: usize, vectors: Vectors) -> Result<Signatures, Fault> {
    let first = vectors.groups.first().and_then(Group::algorithm);
    let algorithm = first.ok_or_else(|| fault(file, "expected an algorithm of JOSE"))?;
    let mut signatures = Signatures { file: file.to_owned(), algorithm, count, cases: Vec::new(), acceptable: 0 };
    for group in vectors.groups {
        if group.algorithm() != Some(algorithm) {
            return Err(fault(file, "expected one algorithm"));
        }
        let jwk = group.jwk().ok_or_else(|| fault(file, "expected a key in each group"))?;
        group.tests.into_iter().try_for_each(|vector| signatures.add(&jwk, vector))?;
    }
    Ok(signatures)
}

impl Signatures {
    fn add(&mut self, jwk: &Map<String, Value>, vector: Vector) -> Result<(), Fault> {
        let Vector { tc_id, result, msg, sig, .. } = vector;
        if result == "acceptable" {
            self.acceptable = self.acceptable.saturating_add(1);
            return Ok(());
        }
        let label = verdict(&result).map_err(|what| fault(&self.file, &what))?;
        let (jwk, algorithm) = (jwk.clone(), self.algorithm.to_owned());
        let question = Question::Signature { jwk, algorithm, message: msg, signature: sig };
        self.cases.push(Case { name: format!("{}#{tc_id}", self.file), label, question });
        Ok(())
    }

    /// The score's last part: `ed25519` of `ed25519_test.json`.
    fn short(&self) -> &str {
        self.file.strip_suffix("_test.json").unwrap_or(&self.file)
    }
}

impl Group {
    fn algorithm(&self) -> Option<&'static str> {
        match (self.kind.as_str(), self.sha.as_deref()) {
            ("RsassaPkcs1Verify", Some("SHA-256")) => Some("RS256"),
            ("RsassaPkcs1Verify", Some("SHA-384")) => Some("RS384"),
            ("RsassaPkcs1Verify", Some("SHA-512")) => Some("RS512"),
            ("RsassaPssVerify", Some("SHA-256")) => Some("PS256"),
            ("RsassaPssVerify", Some("SHA-384")) => Some("PS384"),
            ("RsassaPssVerify", Some("SHA-512")) => Some("PS512"),
            ("EcdsaP1363Verify", Some("SHA-256")) => Some("ES256"),
            ("EcdsaP1363Verify", Some("SHA-384")) => Some("ES384"),
            ("EddsaVerify", None) => Some("EdDSA"),
            _ => None,
        }
    }

    /// The key as the file writes it, or where it does not, the same key from its uncompressed point.
    fn jwk(&self) -> Option<Map<String, Value>> {
        self.public_key_jwk.clone().or_else(|| point_as_jwk(self.public_key.as_ref()?))
    }
}

fn point_as_jwk(key: &Map<String, Value>) -> Option<Map<String, Value>> {
    let curve = match key.get("curve")?.as_str()? {
        "secp256r1" => "P-256",
        "secp384r1" => "P-384",
        _ => return None,
    };
    let point = unhex(key.get("uncompressed")?.as_str()?.strip_prefix("04")?)?;
    let (x, y) = point.split_at_checked(point.len().checked_div(2)?)?;
    let coordinate = |bytes| URL_SAFE_NO_PAD.encode(bytes);
    json!({"kty": "EC", "crv": curve, "x": coordinate(x), "y": coordinate(y)}).as_object().cloned()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let pairs = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

/// One score for all files, and one for each, so that what is wrong is found.
fn raw_scores(
    files: &[Signatures],
    total: usize,
    differences: &Differences,
    judge: Judge<'_>,
) -> Result<Vec<Score>, Fault> {
    let all: Vec<Case> = files.iter().flat_map(|file| file.cases.iter().cloned()).collect();
    let must = differences.applied(RAW, &jose::labels(&all))?;
    let did = jose::verdicts(&all, judge)?;
    let mut scores = vec![Score::of(RAW, total, &must, &did).leaving_out(files.iter().filter_map(left_out))];
    scores.extend(files.iter().map(|file| {
        let of_file = |verdicts: &Verdicts| of(verdicts, &file.cases);
        Score::of(format!("{RAW}.{}", file.short()), file.count, &of_file(&must), &of_file(&did))
    }));
    Ok(scores)
}

fn left_out(file: &Signatures) -> Option<String> {
    let left_out = || format!("{} of {}: their label is \"acceptable\", either way", file.acceptable, file.file);
    (file.acceptable > 0).then(left_out)
}

/// The verdicts of these cases.
pub(crate) fn of(verdicts: &Verdicts, cases: &[Case]) -> Verdicts {
    let known = |case: &Case| verdicts.get_key_value(&case.name).map(|(name, verdict)| (name.clone(), *verdict));
    cases.iter().filter_map(known).collect()
}

fn verdict(word: &str) -> Result<Verdict, String> {
    match word {
        "valid" | "accept" => Ok(Verdict::Accept),
        "invalid" | "reject" => Ok(Verdict::Refuse),
        _ => Err(format!("{word}: expected a verdict")),
    }
}

fn fault(file: &str, what: &str) -> Fault {
    Fault::Table(format!("wycheproof: {file}: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ES256: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImtpZC1lYy1zaWduIn0.Zm9v.\
        5cA0OHyMP7ezamUd5c9kV-FrGxdx4hbGXOdplQkutrqWrte5P-pAvsE3Ve6xSyU3YDQwUHjVVOtvcrEbbnZ8yA";

    /// A good token, a damaged one, and one that is labelled good and is not.
    fn three_tokens() -> Vectors {
        let key = json!({
            "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "kid-ec-sign",
            "x": "04N0xi21hshyvBp7I167sbE_bXqyqkAPfefdklMO7wY", "y": "UI8exy-C06a7DUnjIdENkxeFtHM4-l_41LqEw9nVgmw",
        });
        let damaged = ES256.replace(".Zm9v.", ".Zm9w.");
        let tests = json!([
            {"tcId": 1, "result": "valid", "jws": ES256},
            {"tcId": 2, "result": "invalid", "jws": damaged},
            {"tcId": 3, "result": "valid", "jws": damaged},
        ]);
        let groups = json!({"testGroups": [{"type": "JsonWebSignature", "public": key, "tests": tests}]});
        serde_json::from_value(groups).unwrap()
    }

    fn corrected(yaml: &str) -> Tokens {
        serde_norway::from_str(yaml).unwrap()
    }

    fn cases(expected: &Tokens) -> Result<Vec<Case>, Fault> {
        tokens("t.json", three_tokens(), expected, |key| json!({"keys": [key]}))
    }

    const TABLE: &str = "{cases: 3, policy: {3: {label: valid, must: reject when we look}}}";

    fn scored(table: &str, judge: Judge<'_>) -> Score {
        let differences = Differences::parse("{}", SUITE.groups).unwrap();
        judged(JWS, 3, &cases(&corrected(table)).unwrap(), &differences, judge).unwrap()
    }

    #[test]
    fn our_code_is_right_by_the_corrected_labels() {
        let score = scored(TABLE, &mut jose::here);
        assert!(score.is_right());
        assert_eq!(score.to_string(), "wycheproof.jws: 3/3");
        assert_eq!(scored("{cases: 3}", &mut jose::here).wrong, ["3: expected accept, got refuse"]);
    }

    #[test]
    fn a_broken_judge_is_found_out() {
        let mut everything = |questions: &[Question]| Ok(vec![Verdict::Accept; questions.len()]);
        let mut nothing = |questions: &[Question]| Ok(vec![Verdict::Refuse; questions.len()]);
        let mut lazy = |questions: &[Question]| Ok(vec![Verdict::Accept; questions.len().min(1)]);
        let mut credulous = |questions: &[Question]| {
            let accepted = |question: &Question| Verdict::of(question.is_accepted(|_| Ok(true)).unwrap());
            Ok(questions.iter().map(accepted).collect())
        };
        assert_eq!(scored(TABLE, &mut everything).right, 1);
        assert_eq!(scored(TABLE, &mut nothing).right, 2);
        assert_eq!(scored(TABLE, &mut credulous).right, 1, "signatures that are not looked at");
        let wrong = scored(TABLE, &mut lazy).wrong;
        assert_eq!(wrong, ["2: expected refuse, was not judged", "3: expected refuse, was not judged"]);
    }

    #[test]
    fn a_correction_that_fits_no_vector_is_an_error() {
        for (table, expected) in [
            ("{cases: 3, faulty: {4: {label: valid, must: reject}}}", "4: expected a vector of this number"),
            ("{cases: 3, faulty: {2: {label: valid, must: reject}}}", "2: expected the label valid, found invalid"),
            ("{cases: 3, faulty: {2: {label: invalid, must: shrug}}}", "shrug: expected a verdict"),
        ] {
            let fault = cases(&corrected(table)).unwrap_err().to_string();
            assert!(fault.contains(expected), "{fault}");
        }
    }

    /// Two keys that the files write as points alone: one with a good signature, one without, and one left open.
    fn three_signatures() -> Signatures {
        let point = |hex: &str| json!({"curve": "secp256r1", "uncompressed": hex});
        let good = "04264d796a0dab9b376d34eea6fe297dde1c7b73e53944bc96c8f1e8a6850bb6c9\
            cf5308020eed460c649ddae61d4ef8bb79958113f106befaf4f18876d12a5e64";
        let s = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254e";
        let vector = |id: u32, r: u8, result: &str| json!({"tcId": id, "result": result, "msg": "68656c6c6f2c20776f726c64", "sig": format!("{r:064x}{s}")});
        let group =
            |tests| json!({"type": "EcdsaP1363Verify", "sha": "SHA-256", "publicKey": point(good), "tests": tests});
        let groups = json!({"testGroups": [
            group(json!([vector(1, 5, "valid"), vector(2, 6, "invalid")])),
            group(json!([vector(3, 5, "acceptable")])),
        ]});
        signatures("es_test.json", 2, serde_json::from_value(groups).unwrap()).unwrap()
    }

    #[test]
    fn signatures_are_judged_by_file_and_together_and_what_is_left_open_is_named() {
        let differences = Differences::parse("{}", SUITE.groups).unwrap();
        let scores = raw_scores(&[three_signatures()], 2, &differences, &mut jose::here).unwrap();
        let lines: Vec<_> = scores.iter().map(ToString::to_string).collect();
        assert_eq!(lines, ["wycheproof.raw: 2/2", "wycheproof.raw.es: 2/2"]);
        assert_eq!(scores[0].left_out, ["1 of es_test.json: their label is \"acceptable\", either way"]);

        let mut everything = |questions: &[Question]| Ok(vec![Verdict::Accept; questions.len()]);
        let scores = raw_scores(&[three_signatures()], 3, &differences, &mut everything).unwrap();
        assert_eq!(scores[0].wrong, ["expected 3 cases, found 2", "es_test.json#2: expected refuse, got accept"]);
        assert_eq!(scores[1].wrong, ["es_test.json#2: expected refuse, got accept"]);
    }
}
