//! HTTP as bytes: header fields, paths, queries, cookies, URLs and bodies, read strictly and without a proxy in sight.

pub mod body;
pub mod cookie;
pub mod header;
pub mod path;
pub mod query;
pub mod url;
