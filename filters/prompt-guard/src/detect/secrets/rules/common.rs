//! What everybody writes, whoever issued it: keys in PEM, tokens of RFC 7519, passwords in addresses and commands,
//! and values that are called a secret.

use super::Form::{Begins, Read};
use super::{Rule, Trial};
use crate::detect::secrets::shape::Alphabet::Url;
use crate::detect::secrets::shape::Part::Literal;
use crate::detect::secrets::{address, assignment, command, header, pem};

pub(super) const RULES: &[Rule] = &[
    Rule::new("ssh_key", &[Read(&["-----begin openssh private", "private-lines:"], pem::ssh)]).with(Trial::Form),
    Rule::new("private_key", &[Read(&["-----begin"], pem::key)]).with(Trial::Form),
    Rule::new(
        "jwt",
        &[
            Begins(
                "eyJ",
                &[Url.between(10, 4096), Literal(".eyJ"), Url.between(8, 16_384), Literal("."), Url.between(20, 2048)],
            ),
            // Encrypted (RFC 7516): header, key, vector, text, tag.
            Begins(
                "eyJ",
                &[
                    Url.between(10, 4096),
                    Literal("."),
                    Url.between(0, 1024),
                    Literal("."),
                    Url.between(12, 64),
                    Literal("."),
                    Url.between(8, 16_384),
                    Literal("."),
                    Url.between(16, 64),
                ],
            ),
        ],
    ),
    Rule::new("url_password", &[Read(&["://"], address::password)]).with(Trial::Form),
    Rule::new("curl_user", &[Read(&["curl", "-u", "--user"], command::user)]).with(Trial::Form),
    Rule::new("authorization_header", &[Read(header::NAMES, header::value)]).with(Trial::Form),
    Rule::new("password", &[Read(assignment::PASSWORDS, assignment::password)]).with(Trial::Form),
    Rule::new("secret", &[Read(assignment::KEYS, assignment::key)]).with(Trial::Form),
];
