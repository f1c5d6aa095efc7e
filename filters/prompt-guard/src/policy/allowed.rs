//! What an operator allows: what stands inside of it, as it is read, is not found.

use std::ops::Range;

use super::looked::Looked;
use super::rules::{Detector, Rules};

impl Rules {
    /// What is allowed stands in the text as it is read. In a decoded view it would be a whole run of one encoding, and
    /// whatever stands beside it there would pass with it.
    pub(super) fn allowed_in(&self, looked: &Looked<'_>) -> AllowedSpans {
        let spans = |allowed: &super::Allowed| {
            let plain = looked.with_folded().next();
            widest(plain.map(|(view, folded)| allowed.patterns.find(view, folded)).unwrap_or_default())
        };
        AllowedSpans(self.allowed.iter().map(|allowed| (allowed.detectors.clone(), spans(allowed))).collect())
    }
}

/// Where something allowed stands in a text, the widest alone, and who is told so.
pub(super) struct AllowedSpans(Vec<(Vec<Detector>, Vec<Range<usize>>)>);

impl AllowedSpans {
    pub(super) fn has_any(&self, detector: Detector) -> bool {
        self.0.iter().any(|(detectors, spans)| detectors.contains(&detector) && !spans.is_empty())
    }

    pub(super) fn covers(&self, detector: Detector, span: &Range<usize>) -> bool {
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
