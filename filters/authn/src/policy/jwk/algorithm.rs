//! The signature algorithms that can be allowed: a new one is one more line in the table of this file.
//!
//! `none` is not among them, so no spelling of a header can reach code for it. Those of shared secrets are a family of
//! their own: no key is of both, no set of keys is read for both, and so no public key can become a secret (RFC 8725
//! sections 2.1, 3.1).

/// What a key is. Each algorithm works with exactly one kind (RFC 8725 section 3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// RSA.
    Rsa,
    /// An elliptic curve point on P-256.
    P256,
    /// An elliptic curve point on P-384.
    P384,
    /// An Edwards curve point on Curve25519.
    Ed25519,
    /// A secret that issuer and gateway share.
    Secret,
}

/// One table gives the enum, the lists and what is known of each algorithm, so that none can be forgotten.
macro_rules! algorithms {
    (
        public { $($(#[$public_doc:meta])* $public:ident = $public_name:ident, $public_kind:ident;)* }
        secret { $($(#[$secret_doc:meta])* $secret:ident = $secret_name:ident, $digest:literal;)* }
    ) => {
        /// A signature algorithm by its registered name (RFC 7518 section 3.1, RFC 8037 section 3.1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Algorithm {
            $($(#[$public_doc])* $public,)*
            $($(#[$secret_doc])* $secret,)*
        }

        impl Algorithm {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$public,)* $(Self::$secret,)*];

            /// Those of public keys.
            pub const PUBLIC: &'static [Self] = &[$(Self::$public,)*];

            /// Those of shared secrets.
            pub const SECRET: &'static [Self] = &[$(Self::$secret,)*];

            /// The registered name.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$public => stringify!($public_name),)*
                    $(Self::$secret => stringify!($secret_name),)*
                }
            }

            /// The kind of key it works with.
            pub const fn kind(self) -> Kind {
                match self {
                    $(Self::$public => Kind::$public_kind,)*
                    $(Self::$secret => Kind::Secret,)*
                }
            }

            /// How long a secret must be, and how long its signatures are, in bytes: as its hash (RFC 7518 section 3.2).
            /// `None` with public keys.
            pub const fn digest_bytes(self) -> Option<usize> {
                match self {
                    $(Self::$public => None,)*
                    $(Self::$secret => Some($digest),)*
                }
            }

            /// Its name in the library that checks signatures where the proxy cannot.
            pub(super) const fn in_library(self) -> jsonwebtoken::Algorithm {
                match self {
                    $(Self::$public => jsonwebtoken::Algorithm::$public_name,)*
                    $(Self::$secret => jsonwebtoken::Algorithm::$secret_name,)*
                }
            }
        }
    };
}

algorithms! {
    public {
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        Rs256 = RS256, Rsa;
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        Rs384 = RS384, Rsa;
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        Rs512 = RS512, Rsa;
        /// RSASSA-PSS with SHA-256, and a salt of its length.
        Ps256 = PS256, Rsa;
        /// RSASSA-PSS with SHA-384, and a salt of its length.
        Ps384 = PS384, Rsa;
        /// RSASSA-PSS with SHA-512, and a salt of its length.
        Ps512 = PS512, Rsa;
        /// ECDSA on P-256 with SHA-256.
        Es256 = ES256, P256;
        /// ECDSA on P-384 with SHA-384.
        Es384 = ES384, P384;
        /// Ed25519.
        EdDsa = EdDSA, Ed25519;
    }
    secret {
        /// HMAC with SHA-256.
        Hs256 = HS256, 32;
        /// HMAC with SHA-384.
        Hs384 = HS384, 48;
        /// HMAC with SHA-512.
        Hs512 = HS512, 64;
    }
}

impl Algorithm {
    /// The algorithm of exactly this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// AUTHN-014.
    #[test]
    fn a_name_is_spelled_one_way() {
        for name in ["rs256", "RS256 ", "RS256\0", " RS256", "", "none", "None", "hs256", "eddsa", "EDDSA", "ES512"] {
            assert_eq!(Algorithm::named(name), None, "{name:?}");
        }
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::named(algorithm.name()), Some(*algorithm));
        }
    }

    #[test]
    fn no_algorithm_is_of_both_families() {
        assert!(Algorithm::PUBLIC.iter().all(|public| public.kind() != Kind::Secret));
        assert!(Algorithm::SECRET.iter().all(|secret| secret.kind() == Kind::Secret));
        assert_eq!(Algorithm::ALL, [Algorithm::PUBLIC, Algorithm::SECRET].concat());
    }
}
