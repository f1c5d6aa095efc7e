//! What filters of one chain must have in common, and what stands around them.

use super::super::Kind;
use super::super::chain::{Chain, Manager};
use super::super::finding::{Finding, Rule};
use super::super::link::Link;

pub(in super::super) fn notes(chain: &Chain, links: &[Link<'_>]) -> Vec<Finding> {
    let each = links.iter().enumerate().flat_map(|(at, link)| {
        let note = |(rule, says)| link.found.note(Some(link.kind), rule, says);
        of_one(chain, links, at, link).into_iter().map(note)
    });
    let around = chain.manager.iter().flat_map(|manager| of_manager(manager, links));
    each.chain(around).collect()
}

/// What is said of a filter because of the others.
fn of_one(chain: &Chain, links: &[Link<'_>], at: usize, link: &Link<'_>) -> Vec<(Rule, String)> {
    let mut notes: Vec<_> = link.lint.iter().map(|says| (Rule::Policy, says.clone())).collect();
    if let Some(other) = links.first().filter(|other| other.dialects != link.dialects) {
        notes.push((Rule::Dialects, format!("dialects: expected what {} says", other.found.shown())));
    }
    if matches!(link.kind, Kind::Rbac | Kind::PromptGuard) || link.kind == Kind::RateLimit && link.policy.asks_who {
        notes.extend(of_identity(chain, links, at).map(|says| (Rule::FilterOrder, says)));
    }
    if link.kind == Kind::RateLimit {
        notes.extend(of_place(links, at, link));
    }
    if matches!(link.kind, Kind::Rbac | Kind::RateLimit) {
        notes.extend(of_claims(links, link).into_iter().map(|says| (Rule::ClaimNotExported, says)));
    }
    notes
}

/// What is said of a filter because of who runs it.
fn of_manager(manager: &Manager, links: &[Link<'_>]) -> Vec<Finding> {
    let note = |link: &Link<'_>, rule, says: String| link.found.note(Some(link.kind), rule, says);
    let mut notes = Vec::new();
    if let Some(first) = links.first().filter(|_| manager.takes_underscores) {
        let says = "common_http_protocol_options.headers_with_underscores_action: expected REJECT_REQUEST on its connection \
                    manager: to some servers x_role is x-role";
        notes.push(note(first, Rule::HeaderUnderscores, says.to_owned()));
    }
    for link in links.iter().filter(|link| manager.believes_headers && link.policy.asks_where) {
        let says = "it looks at addresses, and its connection manager believes x-forwarded-for: expected use_remote_address: \
                    true, with xff_num_trusted_hops for proxies of yours in front";
        notes.push(note(link, Rule::TrustedAddress, says.to_owned()));
    }
    for link in links {
        notes.extend(manager.routed_by.iter().filter(|(header, _)| link.policy.moves(header)).map(|(header, line)| {
            let says = format!(
                "a route follows {header}, which this filter writes: filters before it saw another route; if that is meant, \
                 list {header} in identity.routes_by"
            );
            link.found.note_at(Some(link.kind), Rule::RoutesBy, *line, says)
        }));
    }
    notes
}

/// Whether authn stands where others need it.
fn of_identity(chain: &Chain, links: &[Link<'_>], at: usize) -> Option<String> {
    let is_behind = |before: usize| links.iter().take(before).any(|link| link.kind == Kind::Authn);
    let asks_who = links.get(at).is_some_and(|link| link.policy.asks_who);
    let what = match (is_behind(at), is_behind(links.len())) {
        (false, true) => "it stands before authn",
        (false, false) if chain.is_whole && asks_who => "no authn stands in its chain",
        (true, _) | (false, false) => return None,
    };
    Some(format!("{what}: no identity is there yet, and every caller is anonymous"))
}

/// Whether a rate limit stands where it does what it is for: cheap and strict before dear, and who may not ask spends
/// nothing. What counts by heads alone may stand before everybody: it stops a crowd before a body is held.
fn of_place<'a>(links: &'a [Link<'_>], at: usize, link: &'a Link<'_>) -> impl Iterator<Item = (Rule, String)> + 'a {
    let (before, behind) = (links.iter().take(at), links.iter().skip(at.saturating_add(1)));
    let is_dear = |other: &&Link| matches!(other.kind, Kind::SchemaCheck | Kind::PromptGuard);
    let dear = before.clone().find(is_dear).map(|other| {
        let who = other.found.shown();
        (
            Rule::FilterOrder,
            format!("it stands behind {who}, which reads the bodies of those for whom no limit has more"),
        )
    });
    let counts_bodies = link.found.awaits_bodies(link.kind);
    let is_rbac = |other: &&Link| other.kind == Kind::Rbac && link.policy.asks_who && counts_bodies;
    let rbac = behind.into_iter().find(is_rbac).map(|other| {
        let who = other.found.shown();
        (Rule::FilterOrder, format!("it stands before rbac in {who}, and what rbac refuses spends the caller's limits"))
    });
    let is_namesake = |other: &&Link| other.kind == Kind::RateLimit && other.name == link.name;
    let namesake = before.clone().find(is_namesake).map(|other| {
        let who = other.found.shown();
        (
            Rule::InstanceName,
            format!("name: expected another than in {who}, with which it would share metrics, verdict and table"),
        )
    });
    dear.into_iter().chain(rbac).chain(namesake)
}

/// The claims that a policy looks at and authn does not hand on, now or by its candidate.
fn of_claims(links: &[Link<'_>], link: &Link<'_>) -> Vec<String> {
    let authn = || links.iter().filter(|link| link.kind == Kind::Authn);
    let in_force = |claim: &[String]| authn().find(|authn| authn.policy.lacks(claim));
    let by_candidate =
        |claim: &[String]| authn().find(|authn| authn.candidate.as_ref().is_some_and(|own| own.lacks(claim)));
    let sentence = |who: &str, claim: &[String], whose: &str, authn: &Link<'_>| {
        let shown = serde_json::to_string(claim).unwrap_or_default();
        format!(
            "{who} looks at claim {shown}, and {whose} in {} does not list it in identity.claims",
            authn.found.shown()
        )
    };
    let of_policy = link.policy.claims.iter().filter_map(|claim| {
        let now = in_force(claim).map(|authn| sentence("it", claim, "authn", authn));
        now.or_else(|| by_candidate(claim).map(|authn| sentence("it", claim, "the candidate of authn", authn)))
    });
    let candidates = link.candidate.iter().flat_map(|own| &own.claims);
    let of_candidate = candidates
        .filter(|claim| !link.policy.claims.contains(claim))
        .filter_map(|claim| in_force(claim).map(|authn| sentence("its candidate", claim, "authn", authn)));
    of_policy.chain(of_candidate).collect()
}
