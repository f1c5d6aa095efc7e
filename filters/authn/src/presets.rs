//! What identity products say of their own tokens, so that an operator need not look it up: defaults, each of which
//! the configuration can replace; only the required claims hold in any case.
//!
//! | preset | tokens | `typ` | whom it is for | must hold | roles | tenant | documentation |
//! |---|---|---|---|---|---|---|---|
//! | `okta` | access tokens of a custom authorization server | none is sent | `aud` | | `groups` | | [Okta] |
//! | `auth0` | access tokens of an API, either profile | `JWT`, `at+jwt` | `aud` | | `permissions` | `org_id` | [Auth0], [organizations] |
//! | `cognito` | access tokens of a user pool | none is sent | `client_id` | `token_use` is `access` | `cognito:groups` | | [Cognito] |
//! | `entra` | access tokens of version 2.0 | `JWT` | `aud` | `ver` is `2.0` | `roles` | `tid` | [Entra ID] |
//! | `google` | ID tokens: its access tokens say nothing | `JWT` | `aud` | | | `hd` | [Google] |
//! | `keycloak` | access tokens | `JWT`, `at+jwt` | `aud` | `typ` is `Bearer` | `realm_access.roles` | | [Keycloak] |
//!
//! All of them sign with `RS256` unless somebody chose otherwise; a deployment that did writes `algorithms`.
//!
//! What no preset can know, and an operator must: the issuer, to the last byte (Auth0's ends in `/`, Entra's has the
//! tenant in it, Okta's the authorization server), and the audience. Where a product issues ID tokens and access tokens
//! that differ in nothing but `aud` (Okta, Auth0, Entra), the audience alone tells them apart: it must be the API's, and
//! never the client's own identifier.
//!
//! [Okta]: https://developer.okta.com/docs/guides/validate-access-tokens/
//! [Auth0]: https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles
//! [organizations]: https://auth0.com/docs/manage-users/organizations/using-tokens
//! [Cognito]: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
//! [Entra ID]: https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
//! [Google]: https://developers.google.com/identity/openid-connect/reference
//! [Keycloak]: https://www.keycloak.org/securing-apps/oidc-layers

use crate::config::Preset;

/// What a preset fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Defaults {
    /// Where a token says whom it is for.
    pub(crate) audience_claim: Path,
    /// What tokens are signed with.
    pub(crate) algorithms: &'static [&'static str],
    /// The `typ` of their header; empty: none is sent, so any or none.
    pub(crate) types: &'static [&'static str],
    /// Claims that tell the product's access tokens from its other tokens: each must equal a text.
    pub(crate) required: &'static [(Path, &'static str)],
    /// Where roles stand.
    pub(crate) roles_claim: Option<Path>,
    /// Where the tenant stands.
    pub(crate) tenant_claim: Option<Path>,
}

/// Member names, from the outside in.
pub(crate) type Path = &'static [&'static str];

/// What this product's documentation says.
pub(crate) const fn defaults(preset: Preset) -> Defaults {
    match preset {
        Preset::Okta => OKTA,
        Preset::Auth0 => AUTH0,
        Preset::Cognito => COGNITO,
        Preset::Entra => ENTRA,
        Preset::Google => GOOGLE,
        Preset::Keycloak => KEYCLOAK,
    }
}

/// What a token is like that needs no explanation.
const PLAIN: Defaults = Defaults {
    audience_claim: &["aud"],
    algorithms: &["RS256"],
    types: &[],
    required: &[],
    roles_claim: None,
    tenant_claim: None,
};

/// Without a preset, what tokens are signed with must be written.
pub(crate) const NONE: Defaults = Defaults { algorithms: &[], ..PLAIN };

/// The header has `kid` and `alg` and nothing else, and scopes are a list, `scp`. `groups` is there once an
/// administrator has added that claim to the authorization server.
const OKTA: Defaults = Defaults { roles_claim: Some(&["groups"]), ..PLAIN };

/// `aud` becomes a list when `openid` is asked for: the API and Auth0's own userinfo. `permissions` is there once the
/// API has role-based access control and adds permissions to the access token; it is the only list of Auth0's own that
/// says what a caller may do. Roles by name are a custom claim with a URL for a name, such as
/// `["https://example.com/roles"]`.
const AUTH0: Defaults = Defaults {
    types: &["JWT", "at+jwt"],
    roles_claim: Some(&["permissions"]),
    tenant_claim: Some(&["org_id"]),
    ..PLAIN
};

/// Access tokens name the app client in `client_id` and have no `aud` (one appears with resource binding); ID tokens are
/// the other way round. `cognito:groups` is one name with a colon, and absent for callers in no group.
const COGNITO: Defaults = Defaults {
    audience_claim: &["client_id"],
    required: &[(&["token_use"], "access")],
    roles_claim: Some(&["cognito:groups"]),
    ..PLAIN
};

/// The issuer of version 1.0 is another one (`https://sts.windows.net/<tenant>/`), and an API chooses the version in its
/// manifest (`requestedAccessTokenVersion`). `sub` differs from API to API; who needs the user's own identifier exports
/// `oid`.
const ENTRA: Defaults = Defaults {
    types: &["JWT"],
    required: &[(&["ver"], "2.0")],
    roles_claim: Some(&["roles"]),
    tenant_claim: Some(&["tid"]),
    ..PLAIN
};

/// `hd` is the organisation's domain, and absent for private accounts: a gateway for one organisation requires it. An
/// account's address is no identity unless `email_verified` is `true`; `sub` is.
const GOOGLE: Defaults = Defaults { types: &["JWT"], tenant_claim: Some(&["hd"]), ..PLAIN };

/// All kinds of tokens have one issuer; the claim `typ` tells `Bearer` from `ID`, `Refresh` and `DPoP`. `aud` is often
/// `account` alone, or missing, until an audience mapper adds the API. Roles of a client stand in
/// `["resource_access", "<client>", "roles"]`.
const KEYCLOAK: Defaults = Defaults {
    types: &["JWT", "at+jwt"],
    required: &[(&["typ"], "Bearer")],
    roles_claim: Some(&["realm_access", "roles"]),
    ..PLAIN
};
