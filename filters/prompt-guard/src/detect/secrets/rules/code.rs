//! Forges, registries of packages, builds and what deploys them.

use super::Form::{Around, Begins, Named};
use super::{Rule, Trial, UUID};
use crate::detect::secrets::shape::Alphabet::{Alnum, Digits, Dotted, Hex, Letters, Lower, LowerHex, Upper, Url};
use crate::detect::secrets::shape::Part::Literal;

pub(super) const RULES: &[Rule] = &[
    Rule::new(
        "github_token",
        &[
            Begins("ghp_", &[Alnum.of(36)]),
            Begins("gho_", &[Alnum.of(36)]),
            Begins("ghu_", &[Alnum.of(36)]),
            Begins("ghs_", &[Alnum.of(36)]),
            Begins("ghr_", &[Alnum.between(36, 76)]),
            Begins("github_pat_", &[Alnum.of(22), Literal("_"), Alnum.of(59)]),
        ],
    ),
    Rule::new(
        "gitlab_token",
        &[
            Begins("glpat-", &[Url.between(27, 300), Literal("."), Lower.of(2), Literal("."), Lower.of(9)]),
            Begins("glpat-", &[Url.of(20)]),
            Begins("gldt-", &[Url.of(20)]),
            Begins("glft-", &[Url.of(20)]),
            Begins(
                "glrt-",
                &[
                    Literal("t"),
                    Digits.of(1),
                    Literal("_"),
                    Url.between(27, 300),
                    Literal("."),
                    Lower.of(2),
                    Literal("."),
                    Lower.of(9),
                ],
            ),
            Begins("glrt-", &[Url.of(20)]),
            Begins("glptt-", &[LowerHex.of(40)]),
            Begins("glimt-", &[Url.of(25)]),
            Begins("glsoat-", &[Url.of(20)]),
            Begins("glffct-", &[Url.of(20)]),
            Begins("glagent-", &[Url.of(50)]),
            Begins("gloas-", &[Hex.of(64)]),
            Begins("glcbt-", &[Alnum.between(1, 5), Literal("_"), Url.of(20)]),
            Begins("GR1348941", &[Url.of(20)]),
        ],
    ),
    Rule::new(
        "bitbucket",
        &[
            Begins("ATBB", &[Alnum.of(32)]),
            Begins("ATCTT3", &[Url.between(160, 190), Literal("="), Hex.of(8)]),
            Named("bitbucket", &[Dotted.of(64)]),
            Named("bitbucket", &[Alnum.of(32)]),
        ],
    ),
    Rule::new("npm", &[Begins("npm_", &[Alnum.of(36)]), Named("_authtoken", UUID)]),
    Rule::new(
        "pypi",
        &[
            Begins("pypi-AgEIcHlwaS5vcmc", &[Url.between(50, 1000)]),
            Begins("pypi-AgENdGVzdC5weXBpLm9yZw", &[Url.between(50, 1000)]),
        ],
    ),
    Rule::new("rubygems", &[Begins("rubygems_", &[LowerHex.of(48)])]),
    Rule::new("crates_io", &[Begins("cio", &[Alnum.of(32)])]).with(Trial::Mixed),
    Rule::new("nuget", &[Begins("oy2", &[Lower.of(43)])]).with(Trial::Alone),
    Rule::new(
        "packagist",
        &[
            Begins("packagist_", &[Letters.of(3), Literal("_"), LowerHex.of(68)]),
            Begins("packagist_", &[LowerHex.of(68)]),
        ],
    ),
    Rule::new("clojars", &[Begins("CLOJARS_", &[Alnum.of(60)])]),
    Rule::new("docker", &[Begins("dckr_pat_", &[Url.of(27)]), Begins("dckr_oat_", &[Url.of(32)])]),
    Rule::new("artifactory", &[Begins("AKCp", &[Alnum.of(69)]), Begins("cmVmd", &[Alnum.of(59)])]),
    Rule::new(
        "circleci",
        &[
            Begins("CCIPAT_", &[Alnum.of(22), Literal("_"), LowerHex.of(40)]),
            Begins("CCIPRJ_", &[Alnum.of(22), Literal("_"), LowerHex.of(40)]),
            Named("circleci", &[LowerHex.of(40)]),
        ],
    ),
    Rule::new("buildkite", &[Begins("bkua_", &[LowerHex.of(40)])]),
    Rule::new("travisci", &[Named("travis", &[Alnum.of(22)])]),
    Rule::new("droneci", &[Named("droneci", &[Alnum.of(32)])]),
    Rule::new("codecov", &[Named("codecov", UUID), Named("codecov", &[Lower.of(32)])]),
    Rule::new(
        "sonar",
        &[
            Begins("squ_", &[LowerHex.of(40)]),
            Begins("sqp_", &[LowerHex.of(40)]),
            Begins("sqa_", &[LowerHex.of(40)]),
            Named("sonar_token", &[Alnum.of(40)]),
            Named("sonar.login", &[Alnum.of(40)]),
        ],
    ),
    Rule::new("snyk", &[Named("snyk", UUID)]),
    Rule::new(
        "sourcegraph",
        &[
            Begins("sgp_", &[Hex.of(16), Literal("_"), Hex.of(40)]),
            Begins("sgp_local_", &[Hex.of(40)]),
            Begins("sgp_", &[Hex.of(40)]),
            Named("sourcegraph", &[Hex.of(40)]),
        ],
    ),
    Rule::new("octopus", &[Begins("API-", &[Upper.between(25, 32)])]).with(Trial::Alone),
    Rule::new("terraform", &[Around(&[Alnum.of(14)], ".atlasv1.", &[Url.between(60, 70)])]),
    Rule::new("pulumi", &[Begins("pul-", &[LowerHex.of(40)])]).with(Trial::Alone),
    Rule::new("infracost", &[Begins("ico-", &[Alnum.of(32)])]).with(Trial::Alone),
    Rule::new(
        "harness",
        &[
            Begins("pat.", &[Url.of(22), Literal("."), LowerHex.of(24), Literal("."), Alnum.of(20)]),
            Begins("sat.", &[Url.of(22), Literal("."), LowerHex.of(24), Literal("."), Alnum.of(20)]),
        ],
    ),
    Rule::new("prefect", &[Begins("pnu_", &[Alnum.of(36)])]),
    Rule::new("dbt", &[Begins("dbtc_", &[Url.between(36, 50)]), Begins("dbtu_", &[Url.between(36, 50)])]),
    Rule::new("wakatime", &[Begins("waka_", UUID)]),
    Rule::new(
        "sidekiq",
        &[
            Around(&[LowerHex.of(8), Literal(":"), LowerHex.of(8), Literal("@")], "gems.contribsys.com", &[]),
            Around(&[LowerHex.of(8), Literal(":"), LowerHex.of(8), Literal("@")], "enterprise.contribsys.com", &[]),
            Named("contribsys__com", &[LowerHex.of(8), Literal(":"), LowerHex.of(8)]),
        ],
    )
    .with(Trial::Form),
];
