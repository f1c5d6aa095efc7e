//! The SDK's requests, each changed in one place so that the document forbids it.
//!
//! 1. A request's body and its schema are walked together; of several forms only those that the body has are followed. What
//!    a schema demands of a value is broken there: its type, a required member, a closed object, an enum, a bound, a
//!    pattern. The same place of the same schema of an operation is broken in one way once.
//! 2. What the document allows after all, because another form fits, is no mutation: [`Oracle`] says so.
//! 3. Right is a refusal for the schema's sake that names the place: the value; for a missing member the object; for one
//!    too many the object and `*`. A name that the contract leaves to clients is told as `*`.

use std::collections::BTreeSet;

use portcullis::json::{self, Limits};
use serde_json::{Map, Value, json};

use super::SUITE;
use super::contract::{Answer, Contract};
use super::oracle::Oracle;
use super::requests::Request;
use crate::suite::{Fault, Score, Verdict, Verdicts};

/// So many there are at least: fewer are no proof.
const AT_LEAST: usize = 200;

pub(super) fn judge(contract: &Contract, bundle: &Value, requests: &[Request]) -> Result<Score, Fault> {
    let name = format!("{}.mutations", SUITE.name);
    let bodies = requests.iter().filter_map(|request| schema_and_body(bundle, request));
    let oracle = Oracle::of(bundle, bodies.map(|(schema, _)| schema))?;
    let mut did = Verdicts::new();
    let mut seen = BTreeSet::new();
    for request in requests {
        let Some((schema, body)) = schema_and_body(bundle, request) else { continue };
        if !oracle.allows(&schema, &body) {
            continue; // among the differences of `requests`
        }
        let mut walk = Walk { bundle, oracle: &oracle, body: &body, found: Vec::new(), been: BTreeSet::new() };
        walk.value(&schema, &body, &mut Vec::new());
        for mutation in walk.found {
            if oracle.allows(&schema, &mutation.body) || !seen.insert((schema.clone(), mutation.key())) {
                continue;
            }
            let case = format!("{}: {}", request.name, mutation.what());
            let text = mutation.body.to_string();
            let answer = contract.ask(&request.method, &request.path, request.content_type.as_deref(), text.as_bytes());
            let is_right = mutation.is_told_by(&answer);
            if !is_right {
                eprintln!("{name}: {case}: expected {:?}, got {answer:?}", mutation.told);
            }
            did.insert(case, Verdict::of(is_right));
        }
    }
    if did.len() < AT_LEAST {
        return Err(Fault::Table(format!("{name}: expected {AT_LEAST} mutations at least, found {}", did.len())));
    }
    let must: Verdicts = did.keys().map(|case| (case.clone(), Verdict::Accept)).collect();
    Ok(Score::of(name, did.len(), &must, &did))
}

/// Where the schema of a JSON body is, and the body.
fn schema_and_body(bundle: &Value, request: &Request) -> Option<(String, Value)> {
    let path = request.operation.as_ref()?.replace('~', "~0").replace('/', "~1");
    let method = request.method.to_ascii_lowercase();
    let mut at = format!("/paths/{path}/{method}/requestBody");
    while let Some(reference) = bundle.pointer(&at)?.get("$ref") {
        at = reference.as_str()?.strip_prefix('#')?.to_owned();
    }
    let at = format!("{at}/content/application~1json/schema");
    bundle.pointer(&at)?;
    request.content_type.as_ref().filter(|kind| kind.starts_with("application/json"))?;
    json::parse(&request.body, Limits::default()).ok().map(|body| (at, body))
}

/// A step to a value: a name or an index, and whether it is a name of the contract's.
type Step = (String, bool);

/// A body, changed in one place.
struct Mutation {
    kind: &'static str,
    schema: String,
    place: String,
    /// The pointers of which one must be told.
    told: BTreeSet<String>,
    body: Value,
}

impl Mutation {
    fn what(&self) -> String {
        let place = if self.place.is_empty() { "(all of it)" } else { &self.place };
        format!("{place}: {}", self.kind)
    }

    /// What makes it another than those before: an element of a list is like any other.
    fn key(&self) -> (&'static str, String, String) {
        let is_index = |segment: &str| segment.bytes().all(|byte| byte.is_ascii_digit());
        let place: Vec<&str> = self.place.split('/').map(|part| if is_index(part) { "0" } else { part }).collect();
        (self.kind, self.schema.clone(), place.join("/"))
    }

    fn is_told_by(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Passed => false,
            Answer::Refused { code, faults } => {
                code == "schema_violation" && faults.iter().any(|(pointer, _)| self.told.contains(pointer))
            }
        }
    }
}

struct Walk<'a> {
    bundle: &'a Value,
    oracle: &'a Oracle,
    body: &'a Value,
    found: Vec<Mutation>,
    been: BTreeSet<(String, String)>,
}

impl Walk<'_> {
    fn value(&mut self, at: &str, value: &Value, path: &mut Vec<Step>) {
        if !self.been.insert((at.to_owned(), raw(path))) {
            return;
        }
        let Some(Value::Object(schema)) = self.bundle.pointer(at) else { return };
        if let Some(target) = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#')) {
            self.value(target, value, path);
        }
        for (index, _) in list(schema, "allOf").iter().enumerate() {
            self.value(&format!("{at}/allOf/{index}"), value, path);
        }
        for keyword in ["anyOf", "oneOf"] {
            for (index, _) in list(schema, keyword).iter().enumerate() {
                let form = format!("{at}/{keyword}/{index}");
                if self.oracle.allows(&form, value) {
                    self.value(&form, value, path);
                }
            }
        }
        self.broken(at, schema, value, path);
        self.inside(at, schema, value, path);
    }

    fn inside(&mut self, at: &str, schema: &Map<String, Value>, value: &Value, path: &mut Vec<Step>) {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, member) in value.as_object().into_iter().flatten() {
            let is_known = properties.is_some_and(|properties| properties.contains_key(name));
            let below = if is_known {
                format!("{at}/properties/{}", escaped(name))
            } else {
                format!("{at}/additionalProperties")
            };
            path.push((name.clone(), is_known));
            self.value(&below, member, path);
            path.pop();
        }
        for (index, element) in value.as_array().into_iter().flatten().enumerate() {
            path.push((index.to_string(), true));
            self.value(&format!("{at}/items"), element, path);
            path.pop();
        }
    }

    /// Everything that this schema itself demands of the value, broken.
    fn broken(&mut self, at: &str, schema: &Map<String, Value>, value: &Value, path: &[Step]) {
        if let Some(kind) = schema.get("type") {
            let other = [json!(true), json!("portcullis"), json!(7)].into_iter().find(|other| !is_type(kind, other));
            self.put("type", at, path, other);
        }
        for name in list(schema, "required").iter().filter_map(Value::as_str) {
            let Some(mut members) = value.as_object().cloned() else { break };
            if members.remove(name).is_some() {
                self.put_as("required", at, path, Value::Object(members), name, "");
            }
        }
        if schema.get("additionalProperties") == Some(&json!(false))
            && let Some(mut members) = value.as_object().cloned()
        {
            members.insert("portcullis_unknown".to_owned(), json!(1));
            self.put_as("additionalProperties", at, path, Value::Object(members), "", "/*");
        }
        let is_word = value.is_string();
        let word =
            |keyword: &str| schema.contains_key(keyword).then(|| json!(if is_word { "portcullis-none" } else { "x" }));
        self.put("enum", at, path, word("enum").filter(|_| is_word));
        self.put("const", at, path, word("const").filter(|_| is_word));
        self.out_of_range(at, schema, value, path);
    }

    fn out_of_range(&mut self, at: &str, schema: &Map<String, Value>, value: &Value, path: &[Step]) {
        let bound = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        let size =
            |keyword: &str| schema.get(keyword).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
        #[allow(clippy::cast_possible_truncation, reason = "bounds of integers are small ones")]
        let number = |bound: f64| if value.is_i64() { json!(bound as i64) } else { json!(bound) };
        if value.is_number() {
            self.put("minimum", at, path, bound("minimum").map(|least| number(least - 1.0)));
            self.put("maximum", at, path, bound("maximum").map(|most| number(most + 1.0)));
        }
        if value.is_string() {
            let text = |length: usize| json!("x".repeat(length));
            self.put("minLength", at, path, size("minLength").and_then(|least| least.checked_sub(1)).map(text));
            let most = size("maxLength").filter(|most| *most < 100_000);
            self.put("maxLength", at, path, most.map(|most| text(most.saturating_add(1))));
            self.put("pattern", at, path, schema.get("pattern").map(|_| json!(" !\u{e4} ")));
        }
        if let Some(elements) = value.as_array() {
            let few = size("minItems").and_then(|least| least.checked_sub(1));
            self.put("minItems", at, path, few.map(|few| elements.iter().take(few).cloned().collect()));
            let many = size("maxItems").filter(|most| *most < 5000 && !elements.is_empty());
            let many = many.map(|most| elements.iter().cycle().take(most.saturating_add(1)).cloned().collect());
            self.put("maxItems", at, path, many);
        }
    }

    fn put(&mut self, kind: &'static str, at: &str, path: &[Step], other: Option<Value>) {
        if let Some(other) = other {
            self.put_as(kind, at, path, other, "", "");
        }
    }

    /// The body with another value at a place; the place is told with something behind it.
    fn put_as(&mut self, kind: &'static str, at: &str, path: &[Step], other: Value, member: &str, behind: &str) {
        let mut body = self.body.clone();
        let Some(value) = body.pointer_mut(&raw(path)) else { return };
        *value = other;
        let place = if member.is_empty() { raw(path) } else { format!("{}/{}", raw(path), escaped(member)) };
        let hidden: String = path.iter().map(|(name, is_known)| step(if *is_known { name } else { "*" })).collect();
        let told = [raw(path), hidden].map(|pointer| format!("{pointer}{behind}")).into();
        self.found.push(Mutation { kind, schema: at.to_owned(), place, told, body });
    }
}

fn raw(path: &[Step]) -> String {
    path.iter().map(|(name, _)| step(name)).collect()
}

fn step(name: &str) -> String {
    format!("/{}", escaped(name))
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn list<'v>(schema: &'v Map<String, Value>, keyword: &str) -> &'v [Value] {
    schema.get(keyword).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_type(kind: &Value, value: &Value) -> bool {
    let is = |kind: &Value| match kind.as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        _ => false,
    };
    kind.as_array().map_or_else(|| is(kind), |kinds| kinds.iter().any(is))
}
