//! HTTP as bytes: header fields, paths, queries, cookies, URLs, bodies and streamed answers, read strictly and without a
//! proxy in sight.

pub mod body;
pub mod cookie;
pub mod escape;
pub mod header;
pub mod media;
pub mod path;
pub mod query;
pub mod stream;
pub mod url;
