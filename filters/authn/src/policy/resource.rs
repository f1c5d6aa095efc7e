//! Protected resource metadata (RFC 9728): what anybody may know about how to be let in, served on its well-known path
//! and named in challenges.

use portcullis::http::url::Url;

/// Where metadata is served; the resource's own path follows (RFC 9728 section 3.1).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// A resource and its metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    path: String,
    metadata_url: String,
    metadata: Vec<u8>,
}

/// All resources of a configuration, the longest path first.
#[derive(Debug, Default)]
pub struct Resources(Vec<Resource>);

impl Resource {
    /// The resource at this URL, with this metadata document.
    pub fn new(url: &Url, metadata: Vec<u8>) -> Self {
        let path = url.path().trim_end_matches('/').to_owned();
        let scheme = if url.is_https() { "https" } else { "http" };
        Self { metadata_url: format!("{scheme}://{}{WELL_KNOWN}{path}", url.authority()), metadata, path }
    }

    /// Its path, without a slash at its end.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where its metadata is.
    pub fn metadata_url(&self) -> &str {
        &self.metadata_url
    }

    /// Its metadata, JSON.
    pub fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    fn holds(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    }
}

impl Resources {
    /// These resources; no two have one path.
    pub fn new(mut resources: Vec<Resource>) -> Self {
        resources.sort_by_key(|resource| std::cmp::Reverse(resource.path.len()));
        Self(resources)
    }

    /// The resource whose metadata is asked for with this `:path`.
    pub fn at_well_known(&self, path: &[u8]) -> Option<&Resource> {
        let path = path.split(|byte| *byte == b'?').next()?;
        let path = std::str::from_utf8(path).ok()?.strip_prefix(WELL_KNOWN)?;
        self.0.iter().find(|resource| resource.path == path.strip_suffix('/').unwrap_or(path))
    }

    /// The resource to which this `:path` belongs: the one with the longest path that begins it.
    pub fn of(&self, path: &[u8]) -> Option<&Resource> {
        let path = std::str::from_utf8(path).ok()?;
        self.0.iter().find(|resource| resource.holds(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resources() -> Resources {
        let resource = |url: &str| Resource::new(&Url::parse(url).unwrap(), url.as_bytes().to_vec());
        Resources::new(vec![resource("https://api.example"), resource("https://api.example/mcp/")])
    }

    #[test]
    fn metadata_stands_between_host_and_path() {
        let resources = resources();
        for (path, found) in [
            ("/.well-known/oauth-protected-resource", Some("https://api.example")),
            ("/.well-known/oauth-protected-resource/", Some("https://api.example")),
            ("/.well-known/oauth-protected-resource/mcp", Some("https://api.example/mcp/")),
            ("/.well-known/oauth-protected-resource/mcp?x", Some("https://api.example/mcp/")),
            ("/.well-known/oauth-protected-resource/other", None),
            ("/.well-known/oauth-protected-resourcemcp", None),
            ("/x/.well-known/oauth-protected-resource", None),
        ] {
            let metadata = resources.at_well_known(path.as_bytes()).map(Resource::metadata);
            assert_eq!(metadata, found.map(str::as_bytes), "{path}");
        }
    }

    #[test]
    fn a_challenge_names_the_nearest_resource() {
        let resources = resources();
        for (path, url) in [
            ("/v1/models", "https://api.example/.well-known/oauth-protected-resource"),
            ("/mcp", "https://api.example/.well-known/oauth-protected-resource/mcp"),
            ("/mcp/a?b", "https://api.example/.well-known/oauth-protected-resource/mcp"),
            ("/mcpx", "https://api.example/.well-known/oauth-protected-resource"),
        ] {
            assert_eq!(resources.of(path.as_bytes()).map(Resource::metadata_url), Some(url), "{path}");
        }
        assert!(resources.of(b"\xff").is_none());
    }
}
