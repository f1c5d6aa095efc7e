//! The signature algorithms that can be allowed: a new one is one more arm in each match of this file.
//!
//! `none` and the HMAC family are not among them, so no spelling of a header can reach code for either (RFC 8725
//! section 2.1).

/// A signature algorithm by its registered name (RFC 7518 section 3.1, RFC 8037 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

/// What a key is. Each algorithm works with exactly one kind (RFC 8725 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RSA.
    Rsa,
    /// An elliptic curve point on P-256.
    P256,
    /// An Edwards curve point on Curve25519.
    Ed25519,
}

impl Algorithm {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Rs256, Self::Es256, Self::EdDsa];

    /// Whether a secret signs.
    pub const fn is_symmetric(self) -> bool {
        false
    }

    /// The registered name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of exactly this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }

    /// The kind of key it works with.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Rs256 => Kind::Rsa,
            Self::Es256 => Kind::P256,
            Self::EdDsa => Kind::Ed25519,
        }
    }

    /// Its name in the library that checks signatures where the proxy cannot.
    pub(super) const fn in_library(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::Rs256 => jsonwebtoken::Algorithm::RS256,
            Self::Es256 => jsonwebtoken::Algorithm::ES256,
            Self::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUTHN-014.
    #[test]
    fn a_name_is_spelled_one_way() {
        for name in ["rs256", "RS256 ", "RS256\0", " RS256", "", "none", "None", "HS256", "eddsa", "EDDSA", "RS384"] {
            assert_eq!(Algorithm::named(name), None, "{name:?}");
        }
        assert_eq!(Algorithm::named("EdDSA"), Some(Algorithm::EdDsa));
    }
}
