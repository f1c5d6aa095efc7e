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

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::Policy;
use super::across::Borders;
use super::allowed::AllowedSpans;
use super::looked::{Found, INJECTED, Looked, hand_of};
use super::rules::{Detector, Finder, Rule, Rules};
use super::together::{Together, Whole};
use crate::config::Action;
use crate::gather::{Piece, Texts};
use crate::normalise::{Via, views};

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

impl Finding {
    /// In the text as it is read.
    pub(super) fn plain(rule: usize, kind: &'static str, piece: Option<usize>, span: Range<usize>) -> Self {
        Self { rule, kind, piece, span, via: Via::Plain, reasons: Vec::new() }
    }
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
        out.findings.extend(found.map(|kind| Finding::plain(rule, kind, None, 0..0)));
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
    borders: Borders<'r>,
    together: Together,
    /// Which rules found an attack and said why, a bit for each: once is enough, and costs much.
    told_why: u64,
    out: Inspection,
}

impl<'r> Inspector<'r> {
    fn new(policy: &'r Policy) -> Self {
        let (rules, refuses_undecoded) = (&policy.rules, policy.refuses_undecoded());
        let (borders, together, out) = (Borders::of(rules), Together::default(), Inspection::default());
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
            let found = looked.find(written, piece, self.told_why & bit(rule) == 0).into_iter();
            let found = found.filter(|found| !allowed.covers(written.detector, &found.span));
            self.out.findings.extend(found.map(|found| found.finding(rule, at)));
        }
        for finding in self.out.findings.iter().skip(before).filter(|finding| finding.kind == INJECTED) {
            self.told_why |= bit(finding.rule);
        }
        self.out.findings.extend(self.borders.push(at, piece, &looked));
        self.look_together(at, piece, &allowed);
    }

    /// Judges the parts of a message together. One in which something is allowed is judged by itself alone.
    fn look_together(&mut self, at: usize, piece: &Piece<'_>, allowed: &AllowedSpans) {
        let is_asked = self.rules.list.iter().any(|rule| rule.injection_of(piece.provenance).is_some());
        if !is_asked || piece.is_of_others() {
            return;
        }
        if allowed.has_any(Detector::Injection) {
            self.judge_rest();
        } else {
            for whole in self.together.push(at, piece) {
                self.judge(&whole);
            }
        }
    }

    fn judge_rest(&mut self) {
        for whole in self.together.end() {
            self.judge(&whole);
        }
    }

    /// A rule that found an attack somewhere in the request knows enough.
    fn judge(&mut self, whole: &Whole) {
        let (piece, end) = whole.last;
        let scored = OnceCell::new();
        for (rule, written) in self.rules.list.iter().enumerate() {
            let is_told = self.told_why & bit(rule) != 0;
            let Some(injection) = written.injection_of(whole.provenance).filter(|_| !is_told) else { continue };
            let scored = scored.get_or_init(|| injection.score(&views(&whole.text))).as_ref();
            let attack = scored.and_then(|scored| injection.attack(scored, hand_of(whole.provenance), true));
            if let Some(attack) = attack {
                self.out.findings.push(Finding { span: 0..end, ..Found::of(attack).finding(rule, piece) });
                self.told_why |= bit(rule);
            }
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
        Some(Finding::plain(rule, "text_too_long", Some(at), 0..piece.text.len()))
    }
}

/// The bit of a rule.
fn bit(rule: usize) -> u64 {
    1_u64.wrapping_shl(u32::try_from(rule).unwrap_or_default())
}
