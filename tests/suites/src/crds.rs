//! istio/api: the definitions of Istio's resources, by which an API server takes or refuses `envoy/istio/`. Envoy
//! Gateway's are not among the suites.
//!
//! A structural schema prunes what it does not know, silently: here that is a fault, because who wrote it meant
//! something. The rules in CEL (`x-kubernetes-validations`) are the API server's alone.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::suite::{Fault, Ground, Score, Suite, Verdict, Verdicts};

pub(crate) const SUITE: Suite = Suite { name: "crds", groups: &[], run };

/// How many resources are published.
const COUNT: usize = 9;

fn run(ground: &Ground) -> Result<Vec<Score>, Fault> {
    let definitions = documents(&ground.folder.join("crds/istio.yaml"))?;
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../envoy/istio"));
    let (mut must, mut did, mut why) = (Verdicts::new(), Verdicts::new(), Vec::new());
    for file in files(folder)? {
        for (place, resource) in documents(&file)?.iter().enumerate() {
            let case = format!("{} {place}", file.file_name().unwrap_or_default().to_string_lossy());
            let told = judge(&definitions, resource);
            must.insert(case.clone(), Verdict::Accept);
            did.insert(case.clone(), Verdict::of(told.is_ok()));
            why.extend(told.err().map(|told| format!("{case}: {told}")));
        }
    }
    let mut score = Score::of(format!("{}.istio", SUITE.name), COUNT, &must, &did);
    score.wrong.extend(why);
    Ok(vec![score.leaving_out(["x-kubernetes-validations, which are CEL, are not evaluated".to_owned()])])
}

/// Whether a definition takes a resource, or the first thing that it says against it.
fn judge(definitions: &[Value], resource: &Value) -> Result<(), String> {
    let schema = closed(schema_of(definitions, resource)?);
    let validator = jsonschema::draft202012::new(&schema).map_err(|error| format!("its definition: {error}"))?;
    validator.validate(resource).map_err(|error| format!("{}: {error}", error.instance_path()))
}

/// The schema of a resource's kind and version.
fn schema_of<'d>(definitions: &'d [Value], resource: &Value) -> Result<&'d Value, String> {
    let text = |member| resource.get(member).and_then(Value::as_str).unwrap_or_default();
    let (group, version) = text("apiVersion").split_once('/').unwrap_or_default();
    let says = |value: &Value, pointer: &str, expected: &str| {
        value.pointer(pointer).and_then(Value::as_str).is_some_and(|found| found == expected)
    };
    let mut specs = definitions.iter().filter_map(|definition| definition.get("spec"));
    let spec = specs.find(|spec| says(spec, "/group", group) && says(spec, "/names/kind", text("kind")));
    let mut versions = spec.and_then(|spec| spec.get("versions")?.as_array()).into_iter().flatten();
    let own = versions.find(|own| says(own, "/name", version) && own.get("served") == Some(&Value::Bool(true)));
    own.and_then(|own| own.pointer("/schema/openAPIV3Schema"))
        .ok_or_else(|| format!("expected a kind of Istio, found {} {}", text("apiVersion"), text("kind")))
}

/// A resource's own members, which definitions leave out, and nothing that the schema does not know.
fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, kind) in [("apiVersion", "string"), ("kind", "string"), ("metadata", "object")] {
            properties.insert(name.to_owned(), json!({"type": kind}));
        }
    }
    close(&mut schema);
    schema
}

fn close(schema: &mut Value) {
    let Value::Object(members) = schema else {
        schema.as_array_mut().into_iter().flatten().for_each(close);
        return;
    };
    let keeps = members.get("x-kubernetes-preserve-unknown-fields") == Some(&Value::Bool(true));
    let is_described = members.get("properties").is_some_and(Value::is_object) && members.contains_key("type");
    if is_described && !keeps && !members.contains_key("additionalProperties") {
        members.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
    members.values_mut().for_each(close);
}

fn documents(file: &Path) -> Result<Vec<Value>, Fault> {
    let fault = |error: &dyn std::fmt::Display| Fault::Surroundings(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| fault(&error))?;
    let documents = serde_norway::Deserializer::from_str(&text).map(Value::deserialize);
    let documents: Result<Vec<_>, _> = documents.collect();
    Ok(documents.map_err(|error| fault(&error))?.into_iter().filter(|document| !document.is_null()).collect())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error: std::io::Error| Fault::Surroundings(format!("{}: {error}", folder.display()));
    let entries = fs::read_dir(folder).map_err(fault)?;
    let files: Result<Vec<_>, _> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut files = files.map_err(fault)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Vec<Value> {
        let spec = json!({"type": "object", "required": ["url"], "properties": {
            "url": {"type": "string"},
            "phase": {"type": "string", "enum": ["AUTHN"]},
            "config": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        }});
        let version = json!({"name": "v1", "served": true, "schema": {"openAPIV3Schema":
            {"type": "object", "properties": {"spec": spec}}}});
        vec![json!({"spec": {"group": "g.io", "names": {"kind": "Plugin"}, "versions": [version]}})]
    }

    fn plugin(spec: &Value) -> Value {
        json!({"apiVersion": "g.io/v1", "kind": "Plugin", "metadata": {"name": "n"}, "spec": spec})
    }

    #[test]
    fn a_resource_is_what_its_definition_says_and_nothing_else() {
        let good = json!({"url": "oci://x", "phase": "AUTHN", "config": {"anything": [1]}});
        assert_eq!(judge(&definition(), &plugin(&good)), Ok(()));
        for (pointer, value) in [("/url", json!(1)), ("/phase", json!("LATER")), ("/config", json!("text"))] {
            let mut wrong = good.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert!(judge(&definition(), &plugin(&wrong)).is_err(), "{wrong}");
        }
        let mut unknown = good.clone();
        unknown["allow_on_headers_stop_iteration"] = json!(true);
        assert!(judge(&definition(), &plugin(&unknown)).is_err());
        assert!(judge(&definition(), &plugin(&json!({}))).is_err());
    }

    #[test]
    fn a_kind_that_is_not_defined_is_refused() {
        let mut other = plugin(&json!({"url": "x"}));
        other["apiVersion"] = json!("g.io/v2");
        assert!(judge(&definition(), &other).is_err());
    }
}
