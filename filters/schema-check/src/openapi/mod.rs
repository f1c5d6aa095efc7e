//! An OpenAPI document as a contract: what it allows, and where its schemas stand.
