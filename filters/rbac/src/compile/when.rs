//! `when`: conditions on circumstances.

use portcullis::http::path::Template;
use portcullis::prelude::ConfigError;
use serde_json::Value;

use super::values::{each, header_name, path, refuse_empty, text};
use super::{Written, placed, what};
use crate::config::{self, Caps, Effect, When};
use crate::policy::{
    Cap, Claim, ClaimPlace, ClaimTest, Condition, Forbidden, Header, HeaderTest, Network, Placed, Wanted, Window,
};

pub(super) fn of_head(rule: &Written) -> Result<Vec<Placed>, ConfigError> {
    let mut all = Vec::new();
    if let Some(written) = &rule.when.source {
        all.push(placed("when.source", Condition::Source(each("source", written, network)?)));
    }
    if let Some(written) = &rule.when.times {
        all.push(placed("when.times", Condition::Times(each("times", written, window)?)));
    }
    if let Some(written) = &rule.when.claims {
        let templates = rule.select.paths.as_deref().unwrap_or_default();
        let claims =
            each("claims", written, |place, written| claim(written, templates).map_err(|error| error.within(place)))?;
        let claims = claims.into_iter().map(Condition::Claim).enumerate();
        all.extend(claims.map(|(index, condition)| placed(format!("when.claims[{index}]"), condition)));
    }
    if let Some(written) = &rule.when.headers {
        let headers = each("headers", written, |place, written| {
            header(written, rule.effect).map_err(|error| error.within(place))
        })?;
        let headers = headers.into_iter().map(Condition::Header).enumerate();
        all.extend(headers.map(|(index, condition)| placed(format!("when.headers[{index}]"), condition)));
    }
    Ok(all)
}

pub(super) fn of_body(when: &When) -> Result<Vec<Placed>, ConfigError> {
    let mut all = Vec::new();
    if let Some(caps) = &when.request {
        all.extend(caps_of(caps).map_err(|error| error.within("request"))?);
    }
    if let Some(words) = &when.forbids {
        all.push(placed("when.forbids", Condition::Forbids(each("forbids", words, forbidden)?)));
    }
    Ok(all)
}

fn network(place: &str, text: &String) -> Result<Network, ConfigError> {
    Network::parse(text).map_err(|expected| ConfigError::new(place, text, expected))
}

fn window(place: &str, written: &config::Window) -> Result<Window, ConfigError> {
    let days = match &written.days {
        Some(days) => each("days", days, |_, day| Ok(*day)).map_err(|error| error.within(place))?,
        None => Vec::new(),
    };
    Window::new(&days, &written.from, &written.to, &written.zone).map_err(|(member, expected)| {
        let found = match member {
            "from" => &written.from,
            "to" => &written.to,
            _ => &written.zone,
        };
        ConfigError::new(format!("{place}.{member}"), found, expected)
    })
}

fn forbidden(place: &str, word: &String) -> Result<Forbidden, ConfigError> {
    let expected = || format!("one of {}", Forbidden::words().collect::<Vec<_>>().join(", "));
    Forbidden::named(word).ok_or_else(|| ConfigError::new(place, word, expected()))
}

// Claims.

fn claim(written: &config::Claim, templates: &[String]) -> Result<Claim, ConfigError> {
    let place = match (&written.claim, written.identity) {
        (Some(claim), None) => ClaimPlace::Claim(path("claim", claim)?),
        (None, Some(member)) => ClaimPlace::Identity(member),
        _ => return Err(ConfigError::missing("", "exactly one of claim and identity")),
    };
    let wanted = |place: &str, value: &Value| wanted(place, value, templates);
    let test = match (&written.equals, &written.one_of, &written.contains) {
        (Some(value), None, None) => ClaimTest::OneOf(vec![wanted("equals", value)?]),
        (None, Some(values), None) => ClaimTest::OneOf(each("one_of", values, wanted)?),
        (None, None, Some(value)) => ClaimTest::Contains(wanted("contains", value)?),
        _ => return Err(ConfigError::missing("", "exactly one of equals, one_of and contains")),
    };
    check_kind(&place, &test)?;
    let templates = templates.iter().map(|text| Template::parse(text)).collect::<Result<_, _>>();
    let templates = templates.map_err(|expected| ConfigError::missing("", expected))?;
    Ok(Claim { place, test, templates })
}

/// What the identity holds as a list is never one value, and the other way around.
fn check_kind(place: &ClaimPlace, test: &ClaimTest) -> Result<(), ConfigError> {
    use config::IdentityMember::{Amr, Roles, Scopes};
    let ClaimPlace::Identity(member) = place else { return Ok(()) };
    let is_list = matches!(member, Roles | Scopes | Amr);
    match (is_list, test) {
        (true, ClaimTest::OneOf(_)) => {
            Err(ConfigError::new("identity", format!("{member:?}"), "contains: it is a list"))
        }
        (false, ClaimTest::Contains(_)) => {
            Err(ConfigError::new("identity", format!("{member:?}"), "equals or one_of: it is no list"))
        }
        _ => Ok(()),
    }
}

fn wanted(place: &str, value: &Value, templates: &[String]) -> Result<Wanted, ConfigError> {
    let captured = value.as_str().and_then(|text| text.strip_prefix('{')?.strip_suffix('}'));
    if let Some(name) = captured {
        let has_it = |template: &String| what::captures(template).any(|found| found == name);
        if templates.is_empty() || !templates.iter().all(has_it) {
            let expected = "a capture that every path of select.paths has";
            return Err(ConfigError::new(place, value, expected));
        }
        return Ok(Wanted::Capture(name.to_owned()));
    }
    if value.is_string() || value.is_boolean() || value.is_i64() || value.is_u64() {
        return Ok(Wanted::Value(value.clone()));
    }
    Err(ConfigError::new(place, value, "a text, a whole number or a boolean"))
}

// Headers.

fn header(written: &config::Header, effect: Effect) -> Result<Header, ConfigError> {
    let name = header_name("name", &written.name)?;
    let is_negated = written.not || written.present == Some(false);
    if written.not && written.present.is_some() {
        return Err(ConfigError::new("not", "true", "present: true or false, without not"));
    }
    let must_fit_all = (effect == Effect::Allow) != is_negated;
    let value = |place: &str, value: &String| {
        let value = text(place, value)?;
        if must_fit_all && value.contains(',') {
            let expected = "a value without a comma: what stands between commas is compared part by part";
            return Err(ConfigError::new(place, value, expected));
        }
        Ok(value)
    };
    let tests = [
        written.exact.as_ref().map(|text| value("exact", text).map(HeaderTest::Exact)),
        written.prefix.as_ref().map(|text| value("prefix", text).map(HeaderTest::Prefix)),
        written.suffix.as_ref().map(|text| value("suffix", text).map(HeaderTest::Suffix)),
        written.regex.as_ref().map(|text| regex(text)),
        written.present.map(|_| Ok(HeaderTest::Present)),
    ];
    let mut tests = tests.into_iter().flatten();
    match (tests.next(), tests.next()) {
        (Some(test), None) => Ok(Header { name, test: test?, is_negated }),
        _ => Err(ConfigError::missing("", "exactly one of exact, prefix, suffix, regex and present")),
    }
}

fn regex(text: &str) -> Result<HeaderTest, ConfigError> {
    refuse_empty("regex", text.is_empty(), "a regular expression")?;
    HeaderTest::regex(text).map_err(|expected| ConfigError::new("regex", text, expected))
}

// Caps.

fn caps_of(caps: &Caps) -> Result<Vec<Placed>, ConfigError> {
    if *caps == Caps::default() {
        return Err(ConfigError::missing("", "at least one cap"));
    }
    if caps.images == Some(true) {
        return Err(ConfigError::new("images", "true", "false: nothing must hold images"));
    }
    if caps.max_output_tokens == Some(0) || caps.choices == Some(0) {
        return Err(ConfigError::new("", "0", "at least 1 for max_output_tokens and choices"));
    }
    let all = [
        ("max_output_tokens", caps.max_output_tokens.map(Cap::MaxOutputTokens)),
        ("choices", caps.choices.map(Cap::Choices)),
        ("tools", caps.tools.map(Cap::Tools)),
        ("images", caps.images.map(|_| Cap::NoImages)),
        ("stream", caps.stream.map(Cap::Stream)),
        ("messages", caps.messages.map(Cap::Messages)),
    ];
    let given = all.into_iter().filter_map(|(name, cap)| Some((name, cap?)));
    Ok(given.map(|(name, cap)| placed(format!("when.request.{name}"), Condition::Cap(cap))).collect())
}
