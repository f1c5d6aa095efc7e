//! Mail, chat and telephone.

use super::Form::{Around, Begins, Named};
use super::{Rule, Trial};
use crate::detect::secrets::shape::Alphabet::{Alnum, Digits, Dotted, Hex, Lower, LowerHex, Upper, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "slack_token",
        &[
            Begins(
                "xoxb-",
                &[Digits.between(8, 14), Literal("-"), Digits.between(10, 14), Literal("-"), Alnum.between(20, 34)],
            ),
            Begins("xoxb-", &[Digits.between(8, 14), Literal("-"), Alnum.between(18, 26)]),
            Begins(
                "xoxp-",
                &[
                    Digits.between(10, 14),
                    Literal("-"),
                    Digits.between(10, 14),
                    Literal("-"),
                    Digits.between(10, 14),
                    Literal("-"),
                    Alnum.between(28, 34),
                ],
            ),
            Begins("xoxe-", &[Digits.of(1), Literal("-"), Alnum.between(140, 170)]),
            Begins("xoxe.xoxp-", &[Digits.of(1), Literal("-"), Alnum.between(160, 170)]),
            Begins("xoxe.xoxb-", &[Digits.of(1), Literal("-"), Alnum.between(160, 170)]),
            Begins(
                "xoxo-",
                &[
                    Digits.between(8, 14),
                    Literal("-"),
                    Digits.between(8, 14),
                    Literal("-"),
                    Digits.between(8, 14),
                    Literal("-"),
                    Hex.between(8, 64),
                ],
            ),
            Begins(
                "xoxs-",
                &[
                    Digits.between(8, 14),
                    Literal("-"),
                    Digits.between(8, 14),
                    Literal("-"),
                    Digits.between(8, 14),
                    Literal("-"),
                    Hex.between(8, 64),
                ],
            ),
            Begins("xoxa-", &[Digits.of(1), Literal("-"), Alnum.between(16, 48)]),
            Begins("xoxr-", &[Digits.of(1), Literal("-"), Alnum.between(16, 48)]),
            Begins("xoxa-", &[Alnum.between(16, 48)]),
            Begins("xoxr-", &[Alnum.between(16, 48)]),
            Begins(
                "xapp-",
                &[
                    Digits.of(1),
                    Literal("-"),
                    Upper.between(8, 14),
                    Literal("-"),
                    Digits.between(10, 14),
                    Literal("-"),
                    LowerHex.between(32, 64),
                ],
            ),
        ],
    ),
    Rule::new(
        "slack_webhook",
        &[
            Begins(
                "hooks.slack.com/services/",
                &[Upper.between(8, 12), Literal("/"), Upper.between(8, 12), Literal("/"), Alnum.between(18, 26)],
            ),
            Begins(
                "hooks.slack.com/workflows/",
                &[
                    Upper.between(8, 12),
                    Literal("/"),
                    Upper.between(8, 12),
                    Literal("/"),
                    Digits.between(15, 20),
                    Literal("/"),
                    Alnum.between(18, 26),
                ],
            ),
            Begins(
                "hooks.slack.com/triggers/",
                &[Upper.between(8, 12), Literal("/"), Digits.between(10, 20), Literal("/"), LowerHex.of(32)],
            ),
        ],
    ),
    Rule::new(
        "discord",
        &[
            Named(
                "discord",
                &[Url.between(23, 28), Literal("."), Url.between(6, 7), Literal("."), Url.between(27, 40)],
            ),
            Named("discord", &[LowerHex.of(64)]),
            Named("discord", &[Url.of(32)]),
        ],
    ),
    Rule::new(
        "discord_webhook",
        &[
            Begins("discord.com/api/webhooks/", &[Digits.between(17, 20), Literal("/"), Url.between(60, 80)]),
            Begins("discordapp.com/api/webhooks/", &[Digits.between(17, 20), Literal("/"), Url.between(60, 80)]),
        ],
    ),
    Rule::new(
        "telegram",
        &[
            Around(&[Digits.between(8, 10)], ":AA", &[Url.of(33)]),
            Named("telegram", &[Digits.between(5, 16), Literal(":A"), Url.of(34)]),
        ],
    ),
    Rule::new(
        "teams_webhook",
        &[Begins(
            ".webhook.office.com/webhookb2/",
            &[
                Hex.of(8),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(12),
                Literal("@"),
                Hex.of(8),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(12),
                Literal("/IncomingWebhook/"),
                Hex.of(32),
                Literal("/"),
                Hex.of(8),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(4),
                Literal("-"),
                Hex.of(12),
            ],
        )],
    ),
    Rule::new("twilio", &[Named("twilio", &[Literal("SK"), LowerHex.of(32)]), Named("twilio", &[LowerHex.of(32)])]),
    Rule::new("sendgrid", &[Begins("SG.", &[Url.of(22), Literal("."), Url.of(43)])]),
    Rule::new(
        "sendinblue",
        &[
            Begins("xkeysib-", &[LowerHex.of(64), Literal("-"), Alnum.of(16)]),
            Begins("xsmtpsib-", &[LowerHex.of(64), Literal("-"), Alnum.of(16)]),
        ],
    ),
    Rule::new(
        "mailgun",
        &[
            Begins("key-", &[LowerHex.of(32)]),
            Named("mailgun", &[LowerHex.of(32), Literal("-"), LowerHex.of(8), Literal("-"), LowerHex.of(8)]),
        ],
    ),
    Rule::new("mailchimp", &[Around(&[LowerHex.of(32)], "-us", &[Digits.between(1, 2)])]).with(Trial::Form),
    Rule::new("mailjet", &[Named("mailjet", &[LowerHex.of(32)])]),
    Rule::new("resend", &[Begins("re_", &[Alnum.of(8), Literal("_"), Alnum.of(24)])]),
    Rule::new("messagebird", &[Named("messagebird", &[Alnum.of(25)]), Named("message_bird", &[Alnum.of(25)])]),
    Rule::new("sendbird", &[Named("sendbird", &[LowerHex.of(40)])]),
    Rule::new("intercom", &[Named("intercom", &[Dotted.of(60)])]),
    Rule::new("mattermost", &[Named("mattermost", &[Lower.of(26)])]),
    Rule::new("zendesk", &[Named("zendesk", &[Alnum.of(40)])]),
    Rule::new("beamer", &[Named("beamer", &[Literal("b_"), Dotted.of(44)])]),
    Rule::new("onesignal", &[Begins("os_v2_app_", &[Lower.between(100, 120)])]),
];
