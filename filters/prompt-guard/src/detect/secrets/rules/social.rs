//! Networks of people.

use super::Form::{Begins, Named, Near};
use super::{Rule, Trial};
use crate::detect::secrets::shape::Alphabet::{Alnum, Digits, Lower, LowerHex, Percent, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "facebook",
        &[
            Begins("EAAM", &[Alnum.between(100, 400)]),
            Begins("EAAC", &[Alnum.between(100, 400)]),
            Near("facebook", &[Digits.between(15, 16), Literal("|"), Url.between(27, 40)]),
            Named("facebook", &[LowerHex.of(32)]),
        ],
    ),
    Rule::new(
        "twitter",
        &[
            Named("twitter", &[Digits.between(15, 25), Literal("-"), Alnum.between(20, 40)]),
            Named("twitter", &[Alnum.of(25)]),
            Named("twitter", &[Alnum.of(45)]),
            Named("twitter", &[Alnum.of(50)]),
        ],
    ),
    Rule::new("linkedin", &[Named("linkedin", &[Alnum.of(16)]), Named("linked_in", &[Alnum.of(16)])])
        .with(Trial::Mixed),
    Rule::new("twitter_bearer", &[Named("twitter", &[Literal("AAAAAAAAAAAAAAAAAAAAA"), Percent.between(60, 120)])])
        .with(Trial::Form),
    Rule::new("pinterest", &[Begins("pina_", &[Alnum.of(32)])]),
    Rule::new("twitch", &[Begins("oauth:", &[Lower.of(30)]), Named("twitch", &[Lower.of(30)])]),
    Rule::new("flickr", &[Named("flickr", &[LowerHex.of(32)])]),
    Rule::new("intra42", &[Begins("s-s4t2ud-", &[LowerHex.of(64)]), Begins("s-s4t2af-", &[LowerHex.of(64)])]),
];
