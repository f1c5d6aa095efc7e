//! Framings: frames are the same wherever a body is cut.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::framings(data));
