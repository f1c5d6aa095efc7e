//! The parameters of an operation: those of its path and its own, which take the place of others of the same name.

use super::super::Fault;
use super::super::check::Kind;
use super::super::template::Template;
use super::follow::{At, Source};
use super::{Parameter, Place, Style, media};

/// Headers that a parameter of the same name says nothing about (Parameter Object, `name`).
const NO_PARAMETERS: [&str; 3] = ["accept", "content-type", "authorization"];

pub(super) fn all(
    source: &Source<'_>,
    template: &Template,
    path: &At<'_>,
    operation: &At<'_>,
) -> Result<Vec<Parameter>, Fault> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for pointer in path.list("parameters").into_iter().chain(operation.list("parameters")) {
        let parameter = parameter(&source.object(pointer, Kind::Parameter)?, source)?;
        parameters.retain(|other| !is_same(other, &parameter));
        parameters.push(parameter);
    }
    parameters.retain(|parameter| !is_no_parameter(parameter));
    let is_there = |name: &str| parameters.iter().any(|found| found.place == Place::Path && found.name == name);
    let is_of_path = |found: &&Parameter| found.place == Place::Path;
    if let Some(found) =
        parameters.iter().filter(is_of_path).find(|found| template.names().all(|name| name != found.name))
    {
        return Err(Fault::new(
            &found.pointer,
            format!("a name of the path {}, found {}", template.text(), found.name),
        ));
    }
    match template.names().find(|name| !is_there(name)) {
        Some(name) => Err(Fault::new(&operation.pointer, format!("a parameter in: path for {{{name}}}"))),
        None => Ok(parameters),
    }
}

fn is_same(one: &Parameter, other: &Parameter) -> bool {
    let is_header = one.place == Place::Header;
    let is_name = one.name == other.name || is_header && one.name.eq_ignore_ascii_case(&other.name);
    // There is one whole query, whatever it is called.
    one.place == other.place && (is_name || one.place == Place::QueryString)
}

fn is_no_parameter(parameter: &Parameter) -> bool {
    parameter.place == Place::Header && NO_PARAMETERS.iter().any(|name| parameter.name.eq_ignore_ascii_case(name))
}

fn parameter(at: &At<'_>, source: &Source<'_>) -> Result<Parameter, Fault> {
    let place = Place::parse(at.text("in").unwrap_or_default())
        .ok_or_else(|| Fault::new(at.child("in"), "path, query, header, cookie or querystring"))?;
    let required = at.flag("required").unwrap_or_default();
    if place == Place::Path && !required {
        return Err(Fault::new(&at.pointer, "required: true, for it stands in the path"));
    }
    let style = at.text("style").and_then(Style::parse).unwrap_or(place.default_style());
    Ok(Parameter {
        name: at.text("name").unwrap_or_default().to_owned(),
        place,
        required,
        style,
        explode: at.flag("explode").unwrap_or(style.explodes()),
        allow_reserved: at.flag("allowReserved").unwrap_or_default(),
        allow_empty: at.flag("allowEmptyValue").unwrap_or_default(),
        value: media::value(source, at)?,
        pointer: at.pointer.clone(),
    })
}

impl Place {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "path" => Self::Path,
            "query" => Self::Query,
            "header" => Self::Header,
            "cookie" => Self::Cookie,
            "querystring" => Self::QueryString,
            _ => return None,
        })
    }

    fn default_style(self) -> Style {
        match self {
            Self::Path | Self::Header => Style::Simple,
            Self::Query | Self::Cookie | Self::QueryString => Style::Form,
        }
    }
}

impl Style {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "matrix" => Self::Matrix,
            "label" => Self::Label,
            "simple" => Self::Simple,
            "form" => Self::Form,
            "spaceDelimited" => Self::SpaceDelimited,
            "pipeDelimited" => Self::PipeDelimited,
            "deepObject" => Self::DeepObject,
            "cookie" => Self::Cookie,
            _ => return None,
        })
    }

    /// The default of `explode`.
    pub(super) fn explodes(self) -> bool {
        matches!(self, Self::Form | Self::Cookie)
    }
}
