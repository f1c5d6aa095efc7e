//! Decoys in many encodings use up what is tried: what stands behind them is not taken for clean.

use serde_json::json;

use super::{envoy, outcome, post};
use portcullis::host::fake::Answer;

const DECOYS: &[&str] = &[
    "dGhlIHJlcG9ydCBmb3IgdGhlIGJvYXJkIGlzIGF0dGFjaGVkIGFuZCB0aGUgdGVhbSB3aWxsIHJlYWQgaXQ=",
    "\\x74\\x68\\x65\\x20\\x72\\x65\\x70\\x6f\\x72\\x74\\x20\\x69\\x73\\x20\\x68\\x65\\x72\\x65",
    "t h e  r e p o r t  f o r  t h e  b o a r d  i s  a t t a c h e d",
    "7h3 r3p0r7 f0r 7h3 b04rd 15 4774ch3d 4nd 7h3 734m w1ll r34d 17",
    "gur ercbeg sbe gur obneq vf nggnpurq naq gur grnz jvyy ernq vg ba zbaqnl",
    "yadnom no ti daer lliw maet eht dna dehcatta si draob eht rof troper eht",
];

fn asked(text: &str) -> Answer {
    let body = json!({"messages": [{"role": "user", "content": text}]}).to_string();
    envoy().send(&post("/v1/chat/completions", &[body.as_bytes()]))
}

#[test]
fn what_could_be_decoded_in_more_ways_than_are_tried_is_refused() {
    let hidden = "'zebra cros' + 'sing at d' + 'awn'";
    for decoys in 0..=DECOYS.len() {
        let text = format!("{}\n{hidden}", DECOYS.get(..decoys).unwrap_or_default().join("\n"));
        assert_eq!(outcome(&asked(&text)).0, 400, "{decoys} decoys");
    }
}

#[test]
fn a_decoy_or_two_are_no_reason_to_refuse() {
    for decoy in DECOYS {
        assert_eq!(outcome(&asked(decoy)).0, 200, "{decoy}");
    }
}
