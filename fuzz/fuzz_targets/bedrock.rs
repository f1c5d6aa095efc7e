//! Requests and answers of `bedrock`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::dialect("bedrock", data));
