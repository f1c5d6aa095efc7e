//! From what the operator wrote to what is looked up, with a sentence for every mistake.

use std::cell::{OnceCell, RefCell};

use super::prefix::Prefix;
use super::written::{Mapping, ModelFrom};
use super::{Dialects, Place};
use crate::ai::dialect::Dialect;
use crate::ai::endpoint::PATHS;
use crate::ai::generic::Draft;
use crate::config::ConfigError;
use crate::http::header;

/// The most entries, and the most endpoints of one.
const MAX: usize = 64;

/// An entry that was found to be right.
struct Checked {
    prefix: Prefix,
    dialect: Dialect,
    strip_prefix: bool,
    add_prefix: Vec<String>,
    model_from: Option<ModelFrom>,
    endpoints: Vec<Draft>,
}

impl Dialects {
    /// Compiles the block.
    pub fn compile(written: &[Mapping]) -> Result<Self, ConfigError> {
        if written.len() > MAX {
            return Err(ConfigError::new("dialects", format!("{} entries", written.len()), "at most 64"));
        }
        let mut checked: Vec<Checked> = Vec::with_capacity(written.len());
        for (index, mapping) in written.iter().enumerate() {
            let place = |error: ConfigError| error.within(format!("dialects[{index}]"));
            let entry = Checked::of(mapping).map_err(place)?;
            if let Some(earlier) = checked.iter().position(|earlier| earlier.prefix.covers(&entry.prefix)) {
                let expected = format!("to stand before dialects[{earlier}], which takes every path of it");
                return Err(place(ConfigError::new("prefix", &mapping.prefix, expected)));
            }
            checked.push(entry);
        }
        Ok(Self { places: checked.into_iter().map(Checked::place).collect(), ..Self::default() })
    }
}

impl Checked {
    fn of(mapping: &Mapping) -> Result<Self, ConfigError> {
        let prefix = Prefix::parse(&mapping.prefix);
        let checked = Self {
            prefix: prefix.map_err(|expected| ConfigError::new("prefix", &mapping.prefix, expected))?,
            dialect: mapping.dialect,
            strip_prefix: mapping.strip_prefix,
            add_prefix: added(mapping.add_prefix.as_deref())?,
            model_from: mapping.model_from.clone(),
            endpoints: drafts(mapping)?,
        };
        checked.check_paths(mapping)?;
        checked.check_model()?;
        Ok(checked)
    }

    fn place(self) -> Place {
        let Self { prefix, dialect, strip_prefix, add_prefix, model_from, endpoints } = self;
        let (described, endpoints) = (RefCell::new(endpoints), OnceCell::new());
        Place { prefix, dialect, strip_prefix, add_prefix, model_from, described, endpoints }
    }

    /// An entry below which nothing could be found is a mistake.
    fn check_paths(&self, mapping: &Mapping) -> Result<(), ConfigError> {
        for (index, draft) in self.endpoints.iter().enumerate() {
            if !self.can_begin(&draft.path) {
                let expected =
                    format!("a path below {}, or strip_prefix and add_prefix that make it one", self.begin(mapping));
                return Err(ConfigError::new(format!("endpoints[{index}].path"), &draft.path, expected));
            }
        }
        let is_lost = !self.paths().any(|path| self.can_begin(path));
        if !is_lost || self.dialect == Dialect::Unknown {
            return Ok(());
        }
        let expected = format!("a beginning of paths of {}, and not {}", self.dialect.word(), self.begin(mapping));
        Err(match &mapping.add_prefix {
            Some(add) => ConfigError::new("add_prefix", add, expected),
            None => ConfigError::new("strip_prefix", self.strip_prefix, expected),
        })
    }

    fn check_model(&self) -> Result<(), ConfigError> {
        let (found, expected) = match &self.model_from {
            None => return Ok(()),
            Some(ModelFrom::Path) if self.prefix.has_model() => return Ok(()),
            Some(ModelFrom::Path) if self.paths().any(|path| path.contains("{model}")) => return Ok(()),
            Some(ModelFrom::Path) => ("path", "a prefix or an endpoint with {model}"),
            Some(ModelFrom::Header(name)) if !header::is_own_name(name) => {
                let expected = "a header name in lower case such as x-model";
                return Err(ConfigError::new("model_from.header", name, expected));
            }
            Some(_) if !self.prefix.has_model() => return Ok(()),
            Some(ModelFrom::Body) => ("body", "path, or another name than {model} in the prefix"),
            Some(ModelFrom::Header(_)) => ("header", "path, or another name than {model} in the prefix"),
        };
        Err(ConfigError::new("model_from", found, expected))
    }

    /// The paths that can be found below it.
    fn paths(&self) -> impl Iterator<Item = &str> {
        let described = self.endpoints.iter().map(|draft| draft.path.as_str());
        described.chain(PATHS.iter().filter(|(dialect, _)| *dialect == self.dialect).map(|(_, path)| *path))
    }

    fn can_begin(&self, path: &str) -> bool {
        let none = Prefix::default();
        let kept = if self.strip_prefix { &none } else { &self.prefix };
        kept.can_begin(&self.add_prefix, path)
    }

    /// How paths begin that are looked up, for a fault.
    fn begin(&self, mapping: &Mapping) -> String {
        let kept = if self.strip_prefix { "" } else { mapping.prefix.trim_end_matches('/') };
        let added: String = self.add_prefix.iter().flat_map(|segment| ["/", segment]).collect();
        if added.is_empty() && kept.is_empty() { "/".to_owned() } else { added + kept }
    }
}

fn added(written: Option<&str>) -> Result<Vec<String>, ConfigError> {
    let Some(text) = written else { return Ok(Vec::new()) };
    let literals =
        Prefix::parse(text).ok().and_then(|prefix| prefix.literals()).filter(|literals| !literals.is_empty());
    literals.ok_or_else(|| ConfigError::new("add_prefix", text, "literal segments such as /v1"))
}

fn drafts(mapping: &Mapping) -> Result<Vec<Draft>, ConfigError> {
    match (mapping.dialect, mapping.endpoints.len()) {
        (Dialect::Generic, 0) => return Err(ConfigError::missing("endpoints", "what this API has: at least one")),
        (Dialect::Generic, 1..=MAX) | (_, 0) => {}
        (Dialect::Generic, many) => {
            return Err(ConfigError::new("endpoints", format!("{many} endpoints"), "at most 64"));
        }
        (other, _) => return Err(ConfigError::new("endpoints", other.word(), "dialect: generic")),
    }
    let mut drafts: Vec<Draft> = Vec::with_capacity(mapping.endpoints.len());
    for (index, described) in mapping.endpoints.iter().enumerate() {
        let place = |error: ConfigError| error.within(format!("endpoints[{index}]"));
        let draft = Draft::of(described).map_err(place)?;
        if drafts.iter().any(|earlier| earlier.path == draft.path && earlier.takes(&draft.method)) {
            let found = format!("{} {}", draft.method, draft.path);
            return Err(place(ConfigError::new("path", found, "a path and method that no endpoint before it has")));
        }
        drafts.push(draft);
    }
    Ok(drafts)
}
