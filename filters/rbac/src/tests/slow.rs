//! The same policy, evaluated the slow and obvious way, straight from what the operator wrote. It shares the vocabulary with
//! the filter and nothing else: where both agree on a million requests, neither has made the other's mistake.

use std::net::IpAddr;

use portcullis::identity::Identity;
use serde_json::Value;

use super::world::Request;
use crate::config::{
    Caller, CertificateRoles, Claim, Combining, Config, Day, Effect, Header, IdentityMember, IdentityRoles, Rule,
};
use crate::policy::ModelPlace;

/// An answer: `allow`, `deny`, `step_up` and whose; the clamp of what allows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Allow { clamp: Option<(Option<u64>, Option<u64>)> },
    Deny,
    StepUp(String),
}

/// `Some(true)`, `Some(false)`, or an error.
type Tri = Option<bool>;

pub(crate) fn evaluate(config: &Config, request: &Request) -> Answer {
    if let Some(models) = request.identity.as_ref().and_then(|identity| identity.models.as_ref()) {
        let named = all_models(request);
        if named.iter().any(|name| !models.contains(name)) {
            return Answer::Deny;
        }
        let is_opaque = request.body.is_none() && !request.is_empty;
        let looks_up = ["GET", "DELETE"].contains(&request.method.as_str());
        let takes = ["chat", "embeddings", "fine_tune", "unknown"].contains(&request.operation.word()) && !looks_up;
        if (looks_up && is_opaque) || (takes && (!says_model(request) || is_opaque)) {
            return Answer::Deny;
        }
    }
    let live = config.rules.iter().filter(|rule| !rule.shadow);
    let matching: Vec<&Rule> = live.filter(|rule| matches(config, rule, request)).collect();
    match config.combining {
        Combining::FirstMatch => matching.first().map_or(Answer::Deny, |rule| outcome(rule, request)),
        Combining::DenyOverrides => {
            if matching.iter().any(|rule| rule.effect == Effect::Deny) {
                return Answer::Deny;
            }
            let outcomes: Vec<Answer> = matching.iter().map(|rule| outcome(rule, request)).collect();
            let allows = outcomes.iter().filter_map(|outcome| match outcome {
                Answer::Allow { clamp } => Some(*clamp),
                _ => None,
            });
            // No clamp at all, else the highest cap on tokens, else the highest number of choices.
            let loosest = |clamp: &Option<(Option<u64>, Option<u64>)>| {
                clamp.map_or((1, 0, 0), |(tokens, choices)| {
                    (0, tokens.map_or(u128::MAX, u128::from), choices.map_or(u128::MAX, u128::from))
                })
            };
            let best = allows.fold(None, |best: Option<_>, clamp| match best {
                Some(best) if loosest(&best) >= loosest(&clamp) => Some(best),
                _ => Some(clamp),
            });
            match best {
                Some(clamp) => Answer::Allow { clamp },
                None => outcomes.into_iter().next().unwrap_or(Answer::Deny),
            }
        }
    }
}

fn outcome(rule: &Rule, request: &Request) -> Answer {
    if rule.effect == Effect::Deny {
        return Answer::Deny;
    }
    if let Some(step_up) = &rule.step_up {
        let Some(identity) = &request.identity else { return Answer::StepUp(rule.name.clone()) };
        let acr = step_up.acr.as_ref().is_none_or(|acr| identity.acr.as_ref().is_some_and(|found| acr.contains(found)));
        let amr = step_up.amr.as_ref().is_none_or(|amr| amr.iter().all(|method| identity.amr.contains(method)));
        let age = step_up.max_age.is_none_or(|age| {
            identity.auth_time.is_some_and(|time| time <= request.now + 60 && request.now <= time + age.0 / 1000)
        });
        if !(acr && amr && age) {
            return Answer::StepUp(rule.name.clone());
        }
    }
    Answer::Allow { clamp: rule.clamp.as_ref().map(|clamp| (clamp.max_output_tokens, clamp.choices)) }
}

fn matches(config: &Config, rule: &Rule, request: &Request) -> bool {
    let all = conditions(config, rule, request);
    match rule.effect {
        Effect::Allow => all.iter().all(|holds| *holds == Some(true)),
        Effect::Deny => all.iter().all(|holds| *holds != Some(false)),
    }
}

fn conditions(config: &Config, rule: &Rule, request: &Request) -> Vec<Tri> {
    let mut all = Vec::new();
    if let Some(who) = &rule.who {
        let identity = |part: &dyn Fn(&Identity) -> bool| -> Tri { Some(request.identity.as_ref().is_some_and(part)) };
        match who.caller {
            Some(Caller::Authenticated) => all.push(identity(&|_| true)),
            Some(Caller::Anonymous) => all.push(identity(&|_| true).map(|is_known| !is_known)),
            Some(Caller::Anyone) | None => {}
        }
        let (roles, is_complete) = roles(config, request);
        let held = |holds: bool| if holds { Some(true) } else { is_complete.then_some(false) };
        if let Some(wanted) = &who.roles_any {
            all.push(held(wanted.iter().any(|role| roles.contains(role))));
        }
        if let Some(wanted) = &who.roles_all {
            all.push(held(wanted.iter().all(|role| roles.contains(role))));
        }
        if let Some(wanted) = &who.subjects {
            all.push(identity(&|identity| wanted.contains(&identity.sub)));
        }
        if let Some(wanted) = &who.tenants {
            all.push(identity(&|identity| identity.tenant.as_ref().is_some_and(|found| wanted.contains(found))));
        }
        if let Some(wanted) = &who.issuers {
            all.push(identity(&|identity| identity.iss.as_ref().is_some_and(|found| wanted.contains(found))));
        }
        if let Some(wanted) = &who.api_keys {
            let fits = |id: &String| wanted.contains(id) || wanted[0] == "*";
            all.push(identity(&|identity| identity.api_key.as_ref().is_some_and(fits)));
        }
        if let Some(wanted) = &who.uri_sans {
            let found = request.certificate.as_ref();
            all.push(Some(found.is_some_and(|found| found.uri_sans.iter().any(|name| wanted.contains(name)))));
        }
    }
    if let Some(methods) = &rule.select.methods {
        all.push(Some(methods.contains(&request.method)));
    }
    if let Some(hosts) = &rule.select.hosts {
        let name = request.host.split(':').next().unwrap().to_owned();
        all.push(Some(hosts.contains(&request.host) || (rule.effect == Effect::Deny && hosts.contains(&name))));
    }
    if let Some(routes) = &rule.select.routes {
        all.push(Some(routes.contains(&request.route)));
    }
    if let Some(paths) = &rule.select.paths {
        all.push(Some(paths.iter().any(|path| captured(path, &request.path).is_some())));
    }
    if let Some(words) = &rule.what.dialects {
        all.push(Some(words.iter().any(|word| word == request.dialect.word())));
    }
    if let Some(words) = &rule.what.operations {
        all.push(Some(words.iter().any(|word| word == request.operation.word())));
    }
    if let Some(patterns) = &rule.what.models {
        let of_head = [request.path_model.iter().cloned().collect(), request.query_models.clone()].concat();
        let fit = names(patterns, &of_head, request.asked().map(|asked| asked.models.clone()), rule.effect);
        let is_elsewhere = rule.effect == Effect::Allow && fit == Some(true) && !says_model(request);
        all.push(if is_elsewhere { Some(false) } else { fit });
    }
    if let Some(patterns) = &rule.what.resources {
        all.push(names(patterns, &[], request.asked().map(|asked| asked.resources.clone()), rule.effect));
    }
    let when = &rule.when;
    if let Some(networks) = &when.source {
        all.push(request.source.map(|source| networks.iter().any(|network| is_in(network, source))));
    }
    if let Some(windows) = &when.times {
        let (day, minute) = ((request.now / 86_400 + 3) % 7, request.now / 60 % 1440);
        all.push(Some(windows.iter().any(|window| {
            assert_eq!(window.zone, "UTC");
            let on =
                |day: u64| window.days.as_ref().is_none_or(|days| days.contains(&DAYS[usize::try_from(day).unwrap()]));
            let (from, to) = (minutes(&window.from), minutes(&window.to));
            if from < to {
                on(day) && from <= minute && minute < to
            } else {
                (on(day) && minute >= from) || (on((day + 6) % 7) && minute < to)
            }
        })));
    }
    for claim in when.claims.iter().flatten() {
        all.push(fits(claim, rule, request));
    }
    for header in when.headers.iter().flatten() {
        all.push(has(header, request, rule.effect));
    }
    let asked = request.asked();
    let cap = |holds: &dyn Fn(&crate::policy::Asked) -> bool| asked.as_ref().map(holds);
    if let Some(caps) = &when.request {
        if let Some(most) = caps.max_output_tokens {
            all.push(cap(&|asked| asked.max_output_tokens.is_some_and(|found| found <= most)));
        }
        if let Some(most) = caps.choices {
            all.push(cap(&|asked| asked.choices.unwrap_or(1) <= most));
        }
        if let Some(most) = caps.tools {
            all.push(cap(&|asked| asked.tools <= most));
        }
        if caps.images == Some(false) {
            all.push(cap(&|asked| !asked.has_media));
        }
        if let Some(wanted) = caps.stream {
            all.push(asked.as_ref().and_then(|asked| asked.stream).map(|stream| stream == wanted));
        }
        if let Some(most) = caps.messages {
            all.push(cap(&|asked| asked.messages <= most));
        }
    }
    if let Some(words) = &when.forbids {
        all.push(cap(&|asked| {
            !words.iter().any(|word| {
                asked.features.iter().any(|feature| feature.word() == word)
                    || (word == "tools" && asked.tools > 0)
                    || (word == "unknown_members" && asked.has_unknown)
                    || (word == "logprobs" && asked.top_logprobs.is_some())
                    || (word == "top_logprobs" && asked.top_logprobs.is_some())
            })
        }));
    }
    all
}

const DAYS: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];

fn minutes(text: &str) -> u64 {
    text[..2].parse::<u64>().unwrap() * 60 + text[3..].parse::<u64>().unwrap()
}

fn all_models(request: &Request) -> Vec<String> {
    let of_body = request.asked().map(|asked| asked.models).unwrap_or_default();
    [request.path_model.iter().cloned().collect(), request.query_models.clone(), of_body].concat()
}

fn says_model(request: &Request) -> bool {
    let of_body = request.asked().is_some_and(|asked| !asked.models.is_empty());
    match request.model_place {
        ModelPlace::Head => request.path_model.is_some(),
        ModelPlace::Body => request.path_model.is_some() || of_body,
        ModelPlace::Query => !all_models(request).is_empty(),
    }
}

fn roles(config: &Config, request: &Request) -> (Vec<String>, bool) {
    let mut roles: Vec<String> = Vec::new();
    let mut is_complete = true;
    for source in &config.roles.sources {
        let mut add = |names: &[String]| roles.extend(names.iter().map(|name| format!("{}{name}", source.prefix)));
        match (source.identity, &source.claim, source.certificate) {
            (Some(list), _, _) => {
                if let Some(identity) = &request.identity {
                    add(if list == IdentityRoles::Roles { &identity.roles } else { &identity.scopes });
                }
            }
            (_, Some(path), _) => {
                if let Some(identity) = &request.identity {
                    let found = follow(&Value::Object(identity.claims.clone()), path);
                    match found {
                        Some(Value::String(text)) if source.split => {
                            add(&text
                                .split(' ')
                                .filter(|name| !name.is_empty())
                                .map(str::to_owned)
                                .collect::<Vec<_>>());
                        }
                        Some(Value::String(text)) => add(&[text]),
                        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
                            add(&items.iter().map(|item| item.as_str().unwrap().to_owned()).collect::<Vec<_>>());
                        }
                        _ => is_complete = false,
                    }
                }
            }
            (_, _, Some(kind)) => {
                if let Some(certificate) = &request.certificate {
                    match kind {
                        CertificateRoles::UriSan => add(&certificate.uri_sans),
                        CertificateRoles::DnsSan => add(&certificate.dns_sans),
                        CertificateRoles::Subject => add(std::slice::from_ref(&certificate.subject)),
                    }
                }
            }
            _ => panic!("no source"),
        }
    }
    for (role, names) in &config.roles.certificates {
        let has = |certificate: &crate::policy::Certificate| {
            certificate.uri_sans.iter().any(|name| names.uri_sans.contains(name))
                || certificate.dns_sans.iter().any(|name| names.dns_sans.contains(name))
        };
        if request.certificate.as_ref().is_some_and(has) {
            roles.push(role.clone());
        }
    }
    loop {
        let more = roles.iter().flat_map(|role| config.roles.includes.get(role).into_iter().flatten());
        let new: Vec<String> = more.filter(|role| !roles.contains(role)).cloned().collect();
        if new.is_empty() {
            return (roles, is_complete);
        }
        roles.extend(new);
    }
}

fn follow(value: &Value, path: &[String]) -> Option<Value> {
    match path {
        [] => Some(value.clone()),
        [first, rest @ ..] => follow(value.as_object()?.get(first)?, rest),
    }
}

fn captured(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let ours: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
    let theirs: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut captures = Vec::new();
    for (index, our) in ours.iter().enumerate() {
        if *our == "*" {
            return Some(captures);
        }
        let their = theirs.get(index)?;
        if our.starts_with('{') {
            captures.push((our.trim_matches(['{', '}']).to_owned(), (*their).to_owned()));
        } else if our != their {
            return None;
        }
    }
    (ours.len() == theirs.len()).then_some(captures)
}

fn names(patterns: &[String], of_head: &[String], of_body: Option<Vec<String>>, effect: Effect) -> Tri {
    let fits = |name: &String| match effect {
        Effect::Allow => patterns.iter().any(|pattern| glob(pattern.as_bytes(), name.as_bytes())),
        Effect::Deny => spellings(name)
            .iter()
            .any(|name| patterns.iter().any(|pattern| glob(folded(pattern).as_bytes(), name.as_bytes()))),
    };
    let is_told = of_body.is_some();
    let named = [of_head.to_vec(), of_body.unwrap_or_default()].concat();
    match effect {
        Effect::Allow if !named.iter().all(fits) => Some(false),
        Effect::Deny if named.iter().any(fits) => Some(true),
        _ if !is_told => None,
        Effect::Allow => Some(!named.is_empty()),
        Effect::Deny => Some(false),
    }
}

/// Of the characters that names are made of here.
fn folded(name: &str) -> String {
    name.replace(['\u{feff}', '\u{200b}', '\0'], "").replace('ſ', "s").to_lowercase()
}

/// Everything that a name comes to by leaving out what servers leave out, once or again.
fn spellings(name: &str) -> Vec<String> {
    let mut all = vec![folded(name).trim().to_owned()];
    for at in 0..3 {
        let Some(text) = all.get(at).cloned() else { break };
        all.extend(text.strip_prefix("models/").map(str::to_owned));
        all.extend(text.strip_prefix("library/").map(str::to_owned));
        all.extend(text.strip_suffix(":latest").map(str::to_owned));
    }
    all
}

fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => glob(rest, text) || (!text.is_empty() && glob(pattern, &text[1..])),
        ([first, pattern @ ..], [other, text @ ..]) => first == other && glob(pattern, text),
        _ => false,
    }
}

/// Both as version 6 addresses, bit by bit. No network of the generator holds all of `::ffff:0:0/96`.
fn is_in(network: &str, source: IpAddr) -> bool {
    let bits = |address: IpAddr| {
        let address = match address {
            IpAddr::V4(address) => address.to_ipv6_mapped(),
            IpAddr::V6(address) => address,
        };
        address.octets().iter().map(|byte| format!("{byte:08b}")).collect::<String>()
    };
    let (address, length) = network.split_once('/').unwrap();
    let length = length.parse::<usize>().unwrap() + if address.contains(':') { 0 } else { 96 };
    bits(address.parse().unwrap())[..length] == bits(source)[..length]
}

fn fits(claim: &Claim, rule: &Rule, request: &Request) -> Tri {
    let texts = |texts: &[String]| Value::from(texts.to_vec());
    let text = |text: &Option<String>| text.as_ref().map(|text| Value::from(text.as_str()));
    let found = match (&request.identity, claim.identity) {
        (None, Some(_)) => return Some(false),
        (None, None) => return None,
        (Some(identity), Some(member)) => {
            let found = match member {
                IdentityMember::Sub => Some(Value::from(identity.sub.as_str())),
                IdentityMember::Iss => text(&identity.iss),
                IdentityMember::Tenant => text(&identity.tenant),
                IdentityMember::Roles => Some(texts(&identity.roles)),
                IdentityMember::Scopes => Some(texts(&identity.scopes)),
                IdentityMember::Acr => text(&identity.acr),
                IdentityMember::Amr => Some(texts(&identity.amr)),
                IdentityMember::ApiKey => text(&identity.api_key),
            };
            let Some(found) = found else { return Some(false) };
            found
        }
        (Some(identity), None) => follow(&Value::Object(identity.claims.clone()), claim.claim.as_ref().unwrap())?,
    };
    let captures: Vec<_> =
        rule.select.paths.iter().flatten().find_map(|path| captured(path, &request.path)).unwrap_or_default();
    let meant = |wanted: &Value| match wanted.as_str().filter(|text| text.starts_with('{') && text.ends_with('}')) {
        Some(text) => {
            let capture = captures.iter().find(|(name, _)| format!("{{{name}}}") == text);
            capture.map(|(_, text)| Value::from(text.as_str()))
        }
        None => Some(wanted.clone()),
    };
    if let Some(wanted) = &claim.contains {
        let items = found.as_array()?;
        return Some(items.contains(&meant(wanted)?));
    }
    if found.is_array() || found.is_object() || found.is_null() {
        return None;
    }
    let wanted: Vec<&Value> = claim.equals.iter().chain(claim.one_of.iter().flatten()).collect();
    if wanted.iter().any(|wanted| meant(wanted).as_ref() == Some(&found)) {
        return Some(true);
    }
    if wanted.iter().all(|wanted| meant(wanted).is_some()) { Some(false) } else { None }
}

fn has(header: &Header, request: &Request, effect: Effect) -> Tri {
    let lines: Vec<&Vec<u8>> =
        request.headers.iter().filter(|(name, _)| *name == header.name).map(|(_, value)| value).collect();
    if let Some(wanted) = header.present {
        return Some(lines.is_empty() != wanted);
    }
    let parts: Vec<Vec<u8>> = lines
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','))
        .map(|part| String::from_utf8(part.to_vec()).map_or(part.to_vec(), |part| part.trim().as_bytes().to_vec()))
        .collect();
    let is = |value: &[u8], in_any_case: bool| -> Tri {
        let lower = |bytes: &[u8]| if in_any_case { bytes.to_ascii_lowercase() } else { bytes.to_vec() };
        let value = lower(value);
        let text = |text: &Option<String>| lower(text.as_ref().unwrap().as_bytes());
        if header.exact.is_some() {
            Some(value == text(&header.exact))
        } else if header.prefix.is_some() {
            Some(value.starts_with(&text(&header.prefix)))
        } else if header.suffix.is_some() {
            Some(value.ends_with(&text(&header.suffix)))
        } else {
            // The one expression that the generator writes.
            assert_eq!(header.regex.as_deref(), Some("(blue|green)"));
            std::str::from_utf8(&value).ok().map(|value| value == "blue" || value == "green")
        }
    };
    let every = || {
        let found: Vec<Tri> = parts.iter().map(|part| is(part, false)).collect();
        if found.contains(&Some(false)) || found.is_empty() {
            return Some(false);
        }
        if found.contains(&None) { None } else { Some(true) }
    };
    let some = || {
        let whole = lines.iter().map(|line| line.as_slice());
        let is_case_free = header.regex.is_none();
        let found: Vec<Tri> =
            whole.chain(parts.iter().map(Vec::as_slice)).map(|value| is(value, is_case_free)).collect();
        if found.contains(&Some(true)) {
            return Some(true);
        }
        if found.contains(&None) { None } else { Some(false) }
    };
    match (effect, header.not) {
        (Effect::Allow, false) => every(),
        (Effect::Allow, true) => some().map(|holds| !holds),
        (Effect::Deny, false) => some(),
        (Effect::Deny, true) => every().map(|holds| !holds),
    }
}
