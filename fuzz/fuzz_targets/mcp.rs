//! Requests and answers of `mcp`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::dialect("mcp", data));
