//! Bodies that an operator described by pointers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| portcullis_fuzz::generic(data));
