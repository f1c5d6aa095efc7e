//! The AI vocabulary: what the dialects of AI APIs call things, so that four filters can speak of them alike.

pub mod dialect;
