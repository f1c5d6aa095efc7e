//! Looks for everything in all texts of a request.
//!
//! 1. A text is looked at as it is read in ordinary letters, and in every way in which it could be decoded
//!    ([`normalise`](crate::normalise)). What is found is told by where it stands in the text that was sent.
//! 2. Literals of `deny` that are written without accents are found in letters with any.
//! 3. Literals of `deny` are looked for across the borders of texts too, with nothing and with a blank between them: of all
//!    texts that a rule is about, and of those from one hand.
//! 4. `injection` judges the parts of a message together as well ([`together`](super::together)).
//! 5. What stands inside of something that is allowed, as it is read, is not found; across borders it is.
//! 6. What one rule finds at one place in several ways counts once; what it finds there in one way counts each.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use portcullis::ai::vocabulary::Provenance;

use super::Policy;
use super::rules::{Detector, Finder, Rule, Rules};
use super::together::{Together, Whole};
use crate::config::Action;
use crate::detect::Hit;
use crate::detect::injection::model::Hand;
use crate::detect::injection::{Attack, Injection, Scored};
use crate::detect::literals::Across;
use crate::detect::patterns::Patterns;
use crate::detect::signature::Signature;
use crate::gather::{Piece, Texts};
use crate::normalise::{Folded, Via, View, Views, folded, views};

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The place of the rule that found it.
    pub(crate) rule: usize,
    /// What it is.
    pub(crate) kind: &'static str,
    /// The place of the text; `None` for the request as a whole.
    pub(crate) piece: Option<usize>,
    /// Its bytes in the text, as it was sent.
    pub(crate) span: Range<usize>,
    /// What was undone to find it.
    pub(crate) via: Via,
    /// What moved a score most, where there is one.
    pub(crate) reasons: Vec<&'static str>,
}

/// What came of looking.
#[derive(Debug, Default)]
pub(crate) struct Inspection {
    /// By rule, then by place.
    pub(crate) findings: Vec<Finding>,
    /// How many texts were looked at.
    pub(crate) texts: usize,
    /// Their bytes.
    pub(crate) bytes: usize,
    /// Whether a text could have been decoded in more ways than were tried.
    pub(crate) is_cut: bool,
    /// Whether there was so much to find that not all of it was looked for.
    pub(crate) has_too_many: bool,
}

/// More findings take more memory than a body is worth: an honest one has hundreds, a list of addresses tens of thousands.
const MOST: usize = 200_000;

/// Looks for everything that a policy names.
pub(crate) fn inspect(policy: &Policy, texts: &Texts<'_>) -> Inspection {
    let rules = &policy.rules;
    let mut inspector = Inspector::new(policy);
    for (at, piece) in texts.pieces.iter().enumerate() {
        inspector.look_at(at, piece);
        if inspector.out.findings.len() > MOST {
            inspector.out.findings.truncate(MOST);
            inspector.out.has_too_many = true;
            break;
        }
    }
    inspector.judge_rest();
    let mut out = inspector.out;
    let total = texts.text_bytes.saturating_add(texts.other_bytes);
    for (rule, written) in rules.list.iter().enumerate() {
        let Finder::Shape(shape) = &written.finder else { continue };
        let found = shape.of_all(total, texts.messages);
        out.findings.extend(found.map(|kind| Finding {
            rule,
            kind,
            piece: None,
            span: 0..0,
            via: Via::Plain,
            reasons: Vec::new(),
        }));
    }
    out.findings
        .sort_by_key(|finding| (finding.rule, finding.piece, finding.span.start, finding.span.end, finding.kind));
    too_few(rules, &mut out.findings);
    out
}

/// Takes out what a rule found too little of.
fn too_few(rules: &Rules, findings: &mut Vec<Finding>) {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for finding in findings.iter() {
        let count = counts.entry(finding.rule).or_default();
        *count = count.saturating_add(1);
    }
    let is_enough = |rule: usize| {
        let least = rules.list.get(rule).map_or(0, |rule| rule.at_least);
        counts.get(&rule).is_some_and(|count| *count >= least)
    };
    findings.retain(|finding| is_enough(finding.rule));
}

struct Inspector<'r> {
    rules: &'r Rules,
    /// Whether a text is refused that could be decoded in more ways than are tried.
    refuses_undecoded: bool,
    borders: Vec<Border<'r>>,
    together: Together,
    /// Which rules found an attack and said why, a bit for each: once is enough, and costs much.
    told_why: u64,
    out: Inspection,
}

/// What a rule looks for across the borders of texts.
struct Border<'r> {
    rule: usize,
    /// Of texts from one hand alone.
    of: Option<Provenance>,
    /// In letters without marks.
    is_bare: bool,
    across: Across<'r>,
}

impl<'r> Inspector<'r> {
    fn new(policy: &'r Policy) -> Self {
        let (rules, refuses_undecoded) = (&policy.rules, policy.refuses_undecoded());
        let (borders, together, out) = (borders(rules), Together::default(), Inspection::default());
        Self { rules, refuses_undecoded, borders, together, told_why: 0, out }
    }

    fn look_at(&mut self, at: usize, piece: &Piece<'_>) {
        let in_scope = |rule: &Rule| rule.scope.has(piece.provenance);
        if !self.rules.list.iter().any(in_scope) {
            return;
        }
        self.out.texts = self.out.texts.saturating_add(1);
        self.out.bytes = self.out.bytes.saturating_add(piece.text.len());
        if let Some(finding) = self.too_long(at, piece) {
            self.out.findings.push(finding);
            return;
        }
        let views = views(&piece.text);
        self.out.is_cut |= views.seen.is_cut;
        if views.seen.is_cut && self.refuses_undecoded {
            // It is refused anyway, and costs enough already.
            return;
        }
        let looked = Looked::at(views, self.rules.needs_folding());
        let allowed = self.rules.allowed_in(&looked);
        let before = self.out.findings.len();
        for (rule, written) in self.rules.list.iter().enumerate().filter(|(_, rule)| in_scope(rule)) {
            let found = once(looked.find(written, piece, self.told_why & bit(rule) == 0)).into_iter();
            let found = found.filter(|found| !allowed.covers(written.detector, &found.span));
            self.out.findings.extend(found.map(|found| found.finding(rule, at)));
        }
        for finding in self.out.findings.iter().skip(before).filter(|finding| finding.kind == INJECTED) {
            self.told_why |= bit(finding.rule);
        }
        self.look_across(at, piece, &looked);
        self.look_together(at, piece, &allowed);
    }

    /// Judges the parts of a message together. One in which something is allowed is judged by itself alone.
    fn look_together(&mut self, at: usize, piece: &Piece<'_>, allowed: &AllowedSpans) {
        let is_asked = self.rules.list.iter().any(|rule| rule.injection_of(piece.provenance).is_some());
        if !is_asked || piece.is_of_others() {
            return;
        }
        if let Some(whole) = self.together.before(piece) {
            self.judge(&whole);
        }
        if allowed.has_any(Detector::Injection) {
            self.judge_rest();
        } else if let Some(whole) = self.together.push(at, piece) {
            self.judge(&whole);
        }
    }

    fn judge_rest(&mut self) {
        if let Some(whole) = self.together.end() {
            self.judge(&whole);
        }
    }

    /// Whoever found an attack in one of the parts knows enough.
    fn judge(&mut self, whole: &Whole) {
        let (piece, end) = whole.last;
        let scored = OnceCell::new();
        for (rule, written) in self.rules.list.iter().enumerate().filter(|(rule, _)| self.told_why & bit(*rule) == 0) {
            let Some(injection) = written.injection_of(whole.provenance) else { continue };
            let scored = scored.get_or_init(|| injection.score(&views(&whole.text))).as_ref();
            let attack = scored.and_then(|scored| injection.attack(scored, hand_of(whole.provenance), true));
            self.out.findings.extend(attack.map(|Attack { via, reasons, .. }| Finding {
                rule,
                kind: INJECTED,
                piece: Some(piece),
                span: 0..end,
                via,
                reasons,
            }));
        }
    }

    /// What a blocking rule says of a text that is too long to be looked at. One that is not refused is looked at all the
    /// same.
    fn too_long(&self, at: usize, piece: &Piece<'_>) -> Option<Finding> {
        let is_too_long = |rule: &Rule| match &rule.finder {
            Finder::Shape(shape) => rule.action == Action::Block && shape.is_too_long(piece.longest()),
            _ => false,
        };
        let rule = self.rules.list.iter().position(|rule| rule.scope.has(piece.provenance) && is_too_long(rule))?;
        let (kind, span) = ("text_too_long", 0..piece.text.len());
        Some(Finding { rule, kind, piece: Some(at), span, via: Via::Plain, reasons: Vec::new() })
    }

    /// Words of the API stand in between in no order that a reader sees: they are left out.
    fn look_across(&mut self, at: usize, piece: &Piece<'_>, looked: &Looked<'_>) {
        let Some(folded) = looked.folded.first().filter(|_| !piece.is_of_others()) else { return };
        let mut crossing = Vec::new();
        for border in &mut self.borders {
            let scope = self.rules.list.get(border.rule).map(|rule| rule.scope);
            let is_own = border.of.is_none_or(|of| of == piece.provenance);
            if !is_own || !scope.is_some_and(|scope| scope.has(piece.provenance)) {
                continue;
            }
            let folded = looked.bare.first().and_then(Option::as_ref).filter(|_| border.is_bare).unwrap_or(folded);
            if let Some(end) = border.across.push(&folded.text) {
                let (rule, span) = (border.rule, 0..folded.original(0..end).end);
                let finding =
                    Finding { rule, kind: DENIED, piece: Some(at), span, via: Via::Plain, reasons: Vec::new() };
                if !crossing.contains(&finding) {
                    crossing.push(finding);
                }
            }
        }
        self.out.findings.append(&mut crossing);
    }
}

/// The bit of a rule.
fn bit(rule: usize) -> u64 {
    1_u64.wrapping_shl(u32::try_from(rule).unwrap_or_default())
}

/// Who gives a model a text of this kind.
fn hand_of(provenance: Provenance) -> Hand {
    if provenance == Provenance::User { Hand::Said } else { Hand::Read }
}

/// What an operator's pattern finds.
const DENIED: &str = "denied_pattern";

/// What the trained detector finds.
const INJECTED: &str = "injection";

/// Across all texts, and across those of whoever writes most freely.
fn borders(rules: &Rules) -> Vec<Border<'_>> {
    let hands = [None, Some(Provenance::User), Some(Provenance::ToolResult), Some(Provenance::Document)];
    let rules = rules.list.iter().enumerate();
    let literals = rules.filter_map(|(rule, written)| match &written.finder {
        Finder::Deny(patterns) => Some((rule, patterns.literals()?)),
        _ => None,
    });
    let between = |(rule, literals)| {
        hands.into_iter().flat_map(move |of| {
            [("", false), (" ", false), ("", true), (" ", true)].into_iter().map(move |(between, is_bare)| Border {
                rule,
                of,
                is_bare,
                across: Across::new(literals, between),
            })
        })
    };
    literals.flat_map(between).collect()
}

impl Rules {
    fn needs_folding(&self) -> bool {
        !self.allowed.is_empty() || self.list.iter().any(|rule| matches!(rule.finder, Finder::Deny(_)))
    }

    /// What is allowed stands in the text as it is read. In a decoded view it would be a whole run of one encoding, and
    /// whatever stands beside it there would pass with it.
    fn allowed_in(&self, looked: &Looked<'_>) -> AllowedSpans {
        let spans = |allowed: &super::Allowed| {
            let plain = looked.with_folded().next();
            widest(plain.map(|(view, folded)| allowed.patterns.find(view, folded)).unwrap_or_default())
        };
        AllowedSpans(self.allowed.iter().map(|allowed| (allowed.detectors.clone(), spans(allowed))).collect())
    }
}

/// Where something allowed stands in a text, the widest alone, and who is told so.
struct AllowedSpans(Vec<(Vec<Detector>, Vec<Range<usize>>)>);

impl AllowedSpans {
    fn has_any(&self, detector: Detector) -> bool {
        self.0.iter().any(|(detectors, spans)| detectors.contains(&detector) && !spans.is_empty())
    }

    fn covers(&self, detector: Detector, span: &Range<usize>) -> bool {
        // The last that begins no later reaches farthest.
        let is_inside = |spans: &[Range<usize>]| {
            let begun = spans.partition_point(|allowed| allowed.start <= span.start);
            spans.get(..begun).and_then(<[_]>::last).is_some_and(|allowed| span.end <= allowed.end)
        };
        self.0.iter().any(|(detectors, spans)| detectors.contains(&detector) && is_inside(spans))
    }
}

/// Those that stand inside of no other, from left to right: each ends behind the one before.
fn widest(mut spans: Vec<Range<usize>>) -> Vec<Range<usize>> {
    spans.sort_unstable_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
    let mut reached = 0;
    spans.retain(|span| {
        let is_wider = span.end > reached;
        reached = reached.max(span.end);
        is_wider
    });
    spans
}

/// A text in every way in which it could be read.
struct Looked<'t> {
    views: Views<'t>,
    /// Of the plain view, then of the decoded ones; none if nobody looks at them.
    folded: Vec<Folded>,
    /// The same without marks on letters, of those that have any.
    bare: Vec<Option<Folded>>,
    /// What the trained detector makes of it, for all rules that ask.
    scored: OnceCell<Option<Scored>>,
}

/// Something at a place of the text that was sent.
struct Found {
    kind: &'static str,
    span: Range<usize>,
    via: Via,
    reasons: Vec<&'static str>,
    /// How many of its kind were found at this place in the same view: in a run of base64 all have one place.
    before: usize,
}

impl Found {
    fn new(kind: &'static str, span: Range<usize>, via: Via) -> Self {
        Self { kind, span, via, reasons: Vec::new(), before: 0 }
    }

    fn place(&self) -> (&'static str, usize, usize) {
        (self.kind, self.span.start, self.span.end)
    }

    fn finding(self, rule: usize, piece: usize) -> Finding {
        let Self { kind, span, via, reasons, .. } = self;
        Finding { rule, kind, piece: Some(piece), span, via, reasons }
    }
}

impl<'t> Looked<'t> {
    fn at(views: Views<'t>, folds: bool) -> Self {
        let folded: Vec<Folded> = if folds { views.all().map(folded).collect() } else { Vec::new() };
        let bare = folded.iter().map(Folded::bare).collect();
        Self { views, folded, bare, scored: OnceCell::new() }
    }

    fn with_folded(&self) -> impl Iterator<Item = (&View<'_>, &Folded)> {
        self.views.all().zip(&self.folded)
    }

    fn find(&self, rule: &Rule, piece: &Piece<'_>, tells_why: bool) -> Vec<Found> {
        let text = &piece.text;
        match &rule.finder {
            Finder::Deny(patterns) => self.denied(patterns),
            Finder::Signature(signature) => self.signatures(signature, text),
            Finder::Injection(injection) => self.injected(injection, piece.provenance, tells_why),
            Finder::Pii(pii) => self.in_views(keeps_digits, |text| pii.find(text)),
            Finder::Secrets(secrets) => self.in_views(keeps_digits, |text| secrets.find(text)),
            // A service is asked when nothing here refuses the request.
            Finder::Moderation(_) => Vec::new(),
            Finder::Shape(shape) => {
                let hits = shape.find(text, piece.longest(), &self.views.seen).into_iter();
                hits.map(|hit| Found::new(hit.kind, hit.span, Via::Plain)).collect()
            }
        }
    }

    fn denied(&self, patterns: &Patterns) -> Vec<Found> {
        let found = self.with_folded().zip(&self.bare).flat_map(|((view, folded), bare)| {
            let spans = patterns.find(view, folded).into_iter();
            let bare = bare.iter().flat_map(|bare| patterns.find_bare(bare));
            spans.chain(bare).map(|span| Found::new(DENIED, span, view.via)).collect::<Vec<_>>()
        });
        found.collect()
    }

    /// In every view, and in the text as it was sent: there characters are that no view has.
    fn signatures(&self, signature: &Signature, text: &str) -> Vec<Found> {
        let mut found = self.in_views(|via| via != Via::Markup, |text| signature.find(text));
        if matches!(self.views.plain.text, Cow::Owned(_)) {
            let hits = signature.find(text).into_iter();
            found.extend(hits.map(|hit| Found::new(hit.kind, hit.span, Via::Plain)));
        }
        found
    }

    fn injected(&self, injection: &Injection, provenance: Provenance, tells_why: bool) -> Vec<Found> {
        let scored = self.scored.get_or_init(|| injection.score(&self.views)).as_ref();
        let found = scored.and_then(|scored| injection.attack(scored, hand_of(provenance), tells_why));
        let found =
            found.map(|attack| Found { reasons: attack.reasons, ..Found::new(INJECTED, attack.span, attack.via) });
        found.into_iter().collect()
    }

    fn in_views(&self, wanted: impl Fn(Via) -> bool, find: impl Fn(&str) -> Vec<Hit>) -> Vec<Found> {
        let wanted = self.views.all().filter(|view| wanted(view.via));
        let found = |view: &View<'_>| {
            let hits = find(&view.text).into_iter();
            numbered(hits.map(|hit| Found::new(hit.kind, view.original(hit.span), view.via)).collect())
        };
        wanted.flat_map(found).collect()
    }
}

/// What was found in one view, each with how many of its kind were found before at its place.
fn numbered(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(Found::place);
    let mut last: Option<(&'static str, usize, usize)> = None;
    let mut before = 0_usize;
    for found in &mut found {
        before = if last == Some(found.place()) { before.saturating_add(1) } else { 0 };
        (found.before, last) = (before, Some(found.place()));
    }
    found
}

/// What was found, each once: at one place in several views there are as many as in the view with most.
fn once(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|found| (found.place(), found.before));
    found.dedup_by_key(|found| (found.place(), found.before));
    found
}

/// Whether numbers are numbers still: an alphabet in another order, or digits taken for letters, makes numbers of others;
/// and without the tags of a table, two are one.
fn keeps_digits(via: Via) -> bool {
    !matches!(via, Via::Leet | Via::Cipher | Via::Reversed | Via::Markup)
}
