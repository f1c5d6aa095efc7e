//! Which specification a document is written to: its fields and its schemas depend on it.

use serde_json::Value;

use super::Fault;

/// A version of the specification that is read here; patch releases change no field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 3.0.x: schemas are a dialect of its own.
    V30,
    /// 3.1.x: schemas are JSON Schema 2020-12.
    V31,
    /// 3.2.x.
    V32,
}

impl Version {
    /// Reads the field `openapi`.
    pub fn read(document: &Value) -> Result<Self, Fault> {
        let expected = "\"3.0.x\", \"3.1.x\" or \"3.2.x\"";
        if document.get("swagger").is_some() {
            return Err(Fault::new(
                "/swagger",
                format!("openapi: {expected}; convert a document of Swagger 2.0 first"),
            ));
        }
        let Some(found) = document.get("openapi") else {
            return Err(Fault::new("", format!("an object with openapi: {expected}")));
        };
        let version = found.as_str().and_then(Self::parse);
        version.ok_or_else(|| Fault::new("/openapi", format!("{expected}, found {found}")))
    }

    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (major, minor, patch) = (parts.next()?, parts.next()?, parts.next()?);
        let is_number = !patch.is_empty() && patch.bytes().all(|byte| byte.is_ascii_digit());
        match (major, minor) {
            ("3", "0") if is_number => Some(Self::V30),
            ("3", "1") if is_number => Some(Self::V31),
            ("3", "2") if is_number => Some(Self::V32),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_version_that_is_not_known_is_refused() {
        for (version, read) in [
            (json!("3.0.3"), Some(Version::V30)),
            (json!("3.1.0"), Some(Version::V31)),
            (json!("3.2.10"), Some(Version::V32)),
            (json!("3.3.0"), None),
            (json!("3.1"), None),
            (json!("3.1.x"), None),
            (json!("2.0"), None),
            (json!(3.1), None),
        ] {
            assert_eq!(Version::read(&json!({"openapi": version})).ok(), read, "{version}");
        }
        assert!(Version::read(&json!({"swagger": "2.0"})).is_err_and(|fault| fault.expected.contains("convert")));
        assert!(Version::read(&json!([])).is_err());
    }
}
