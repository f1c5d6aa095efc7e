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
        judged(JWS, expected.jws.cases, &jws(&folder, &expected)?, ground, &mut jose::here)?,
        judged(JWK, expected.jwk.cases, &jwk(&folder, &expected)?, ground, &mut jose::here)?,
    ];
    scores.extend(raw_scores(&raw(&folder, &expected)?, total(&expected)?, ground)?);
    Ok(scores)
}

/// Judges cases by their labels and by the differences that somebody owns.
fn judged(name: &str, count: usize, cases: &[Case], ground: &Ground, judge: Judge<'_>) -> Result<Score, Fault> {
    let must = ground.differences.applied(name, &jose::labels(cases))?;
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
    let files = expected.raw_signature_files.iter().filter(|(name, _)| name.ends_with(".json"));
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
fn raw_scores(files: &[Signatures], total: usize, ground: &Ground) -> Result<Vec<Score>, Fault> {
    let all: Vec<Case> = files.iter().flat_map(|file| file.cases.iter().cloned()).collect();
    let must = ground.differences.applied(RAW, &jose::labels(&all))?;
    let did = jose::verdicts(&all, &mut jose::here)?;
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
