//! Monitoring, networks, identity and stores of secrets.

use super::Form::{Around, Begins, Named};
use super::{Rule, Trial, UUID};
use crate::detect::secrets::shape::Alphabet::{Alnum, Base64, Dotted, Hex, Lower, LowerHex, Padding, Upper, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "vault_token",
        &[
            Begins("hvs.", &[Url.between(24, 128)]),
            Begins("hvb.", &[Url.between(100, 300)]),
            Begins("hvr.", &[Url.between(24, 300)]),
        ],
    ),
    Rule::new("vault_legacy_token", &[Begins("s.", &[Alnum.of(24)])]).with(Trial::Mixed),
    Rule::new(
        "1password_key",
        &[
            Begins(
                "A3-",
                &[
                    Upper.of(6),
                    Literal("-"),
                    Upper.of(11),
                    Literal("-"),
                    Upper.of(5),
                    Literal("-"),
                    Upper.of(5),
                    Literal("-"),
                    Upper.of(5),
                ],
            ),
            Begins(
                "A3-",
                &[
                    Upper.of(6),
                    Literal("-"),
                    Upper.of(6),
                    Literal("-"),
                    Upper.of(5),
                    Literal("-"),
                    Upper.of(5),
                    Literal("-"),
                    Upper.of(5),
                    Literal("-"),
                    Upper.of(5),
                ],
            ),
        ],
    ),
    Rule::new("1password_token", &[Begins("ops_eyJ", &[Base64.between(250, 4096), Padding.between(0, 3)])]),
    Rule::new(
        "doppler",
        &[
            Begins("dp.pt.", &[Alnum.between(40, 44)]),
            Begins("dp.ct.", &[Alnum.between(40, 44)]),
            Begins("dp.sa.", &[Alnum.between(40, 44)]),
            Begins("dp.scim.", &[Alnum.between(40, 44)]),
            Begins("dp.audit.", &[Alnum.between(40, 44)]),
            Begins("dp.st.", &[Url.between(2, 35), Literal("."), Alnum.between(40, 44)]),
            Begins("dp.st.", &[Alnum.between(40, 44)]),
        ],
    ),
    Rule::new(
        "okta",
        &[Named("okta", &[Literal("00"), Dotted.of(40)]), Named("ssws", &[Literal("00"), Dotted.of(40)])],
    ),
    Rule::new(
        "authress",
        &[
            Begins(
                "authress_",
                &[
                    Alnum.between(5, 30),
                    Literal("."),
                    Alnum.between(4, 6),
                    Literal(".acc_"),
                    Url.between(10, 32),
                    Literal("."),
                    Dotted.between(30, 120),
                ],
            ),
            Begins(
                "scauth_",
                &[
                    Alnum.between(5, 30),
                    Literal("."),
                    Alnum.between(4, 6),
                    Literal(".acc_"),
                    Url.between(10, 32),
                    Literal("."),
                    Dotted.between(30, 120),
                ],
            ),
        ],
    ),
    Rule::new(
        "tailscale",
        &[
            Begins("tskey-auth-", &[Alnum.between(10, 24), Literal("-"), Alnum.between(20, 48)]),
            Begins("tskey-api-", &[Alnum.between(10, 24), Literal("-"), Alnum.between(20, 48)]),
            Begins("tskey-client-", &[Alnum.between(10, 24), Literal("-"), Alnum.between(20, 48)]),
            Begins("tskey-scim-", &[Alnum.between(10, 24), Literal("-"), Alnum.between(20, 48)]),
        ],
    ),
    Rule::new("defined_networking", &[Begins("dnkey-", &[Url.of(26), Literal("-"), Url.of(52)])]),
    Rule::new("meraki", &[Named("meraki", &[LowerHex.of(40)])]),
    Rule::new(
        "grafana",
        &[
            Begins("glc_", &[Base64.between(32, 400), Padding.between(0, 3)]),
            Begins("glsa_", &[Alnum.of(32), Literal("_"), Hex.of(8)]),
            Begins("eyJrIjoi", &[Base64.between(70, 400), Padding.between(0, 3)]),
        ],
    ),
    Rule::new(
        "sentry",
        &[
            Begins("sntrys_eyJ", &[Base64.between(30, 400), Padding.between(0, 2), Literal("_"), Base64.of(43)]),
            Begins("sntryu_", &[LowerHex.of(64)]),
            Named("sentry", &[LowerHex.of(64)]),
        ],
    ),
    Rule::new(
        "datadog",
        &[
            Named("datadog", &[Lower.of(40)]),
            Named("datadog", &[LowerHex.of(32)]),
            Named("dd_api_key", &[LowerHex.of(32)]),
            Named("dd_app_key", &[LowerHex.of(40)]),
        ],
    ),
    Rule::new(
        "new_relic",
        &[
            Begins("NRAK-", &[Upper.of(27)]),
            Begins("NRII-", &[Url.of(32)]),
            Begins("NRJS-", &[LowerHex.of(19)]),
            Around(&[LowerHex.of(36)], "FFFFNRAL", &[]),
        ],
    ),
    Rule::new(
        "dynatrace",
        &[
            Begins("dt0c01.", &[Upper.of(24), Literal("."), Upper.of(64)]),
            Begins("dt0s01.", &[Upper.of(8), Literal("."), Upper.of(64)]),
            Begins("dt0s16.", &[Upper.of(8), Literal("."), Upper.of(64)]),
        ],
    ),
    Rule::new(
        "sumologic",
        &[
            Named("sumologic", &[Alnum.of(64)]),
            Named("sumo", &[Alnum.of(64)]),
            Named("sumologic", &[Literal("su"), Alnum.of(12)]),
            Named("sumo", &[Literal("su"), Alnum.of(12)]),
        ],
    )
    .with(Trial::Mixed),
    Rule::new("pagerduty", &[Named("pagerduty", &[Url.of(20)])]),
    Rule::new("opsgenie", &[Named("opsgenie", UUID)]),
    Rule::new("rootly", &[Begins("rootly_", &[LowerHex.of(64)])]),
    Rule::new("launchdarkly", &[Begins("api-", UUID), Begins("sdk-", UUID), Begins("mob-", UUID)]).with(Trial::Alone),
    Rule::new("posthog", &[Begins("phx_", &[Alnum.between(43, 60)])]),
    Rule::new("ngrok", &[Named("ngrok", &[Url.between(40, 50)])]),
];
