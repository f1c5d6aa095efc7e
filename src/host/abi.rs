//! The host calls of proxy-wasm ABI 0.2.1, as Rust functions that return the status: the only `unsafe` in Portcullis.
//!
//! The SDK's own wrappers decode text and panic on a status they do not expect; one byte from a client would end the
//! VM for everybody on that worker. These take and return bytes, and every status is a value. `http_call` is not here:
//! the SDK's dispatcher traps on the answer to a call that it did not make itself.

#![allow(unsafe_code)]

use std::ptr::{null_mut, slice_from_raw_parts_mut};

/// The status of a host call that is not 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Status(pub(super) u32);

impl Status {
    pub(super) const NOT_FOUND: Self = Self(1);
    pub(super) const BAD_ARGUMENT: Self = Self(2);
    pub(super) const CAS_MISMATCH: Self = Self(8);
}

/// Which header map a call is about.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub(super) enum Map {
    RequestHeaders = 0,
    ResponseHeaders = 2,
    AnswerHeaders = 6,
    AnswerTrailers = 7,
}

/// Which buffer a call is about.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub(super) enum Buffer {
    RequestBody = 0,
    ResponseBody = 1,
    AnswerBody = 4,
    PluginConfiguration = 7,
}

/// Which half of a stream a call is about.
#[derive(Debug, Clone, Copy)]
#[repr(u32)]
pub(super) enum Half {
    Request = 0,
    Response = 1,
}

mod imports {
    #[link(wasm_import_module = "env")]
    unsafe extern "C" {
        pub(super) fn proxy_log(level: u32, text: *const u8, len: usize) -> u32;
        pub(super) fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
        pub(super) fn proxy_get_buffer_bytes(
            buffer: u32,
            start: usize,
            len: usize,
            data: *mut *mut u8,
            size: *mut usize,
        ) -> u32;
        pub(super) fn proxy_set_buffer_bytes(
            buffer: u32,
            start: usize,
            len: usize,
            data: *const u8,
            size: usize,
        ) -> u32;
        pub(super) fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
        pub(super) fn proxy_replace_header_map_value(
            map: u32,
            name: *const u8,
            name_len: usize,
            value: *const u8,
            value_len: usize,
        ) -> u32;
        pub(super) fn proxy_remove_header_map_value(map: u32, name: *const u8, name_len: usize) -> u32;
        pub(super) fn proxy_get_property(path: *const u8, len: usize, data: *mut *mut u8, size: *mut usize) -> u32;
        pub(super) fn proxy_set_property(path: *const u8, len: usize, value: *const u8, value_len: usize) -> u32;
        pub(super) fn proxy_get_shared_data(
            key: *const u8,
            len: usize,
            data: *mut *mut u8,
            size: *mut usize,
            cas: *mut u32,
        ) -> u32;
        pub(super) fn proxy_set_shared_data(
            key: *const u8,
            len: usize,
            value: *const u8,
            value_len: usize,
            cas: u32,
        ) -> u32;
        pub(super) fn proxy_call_foreign_function(
            name: *const u8,
            name_len: usize,
            argument: *const u8,
            argument_len: usize,
            data: *mut *mut u8,
            size: *mut usize,
        ) -> u32;
        pub(super) fn proxy_define_metric(kind: u32, name: *const u8, len: usize, id: *mut u32) -> u32;
        pub(super) fn proxy_increment_metric(id: u32, by: i64) -> u32;
        pub(super) fn proxy_record_metric(id: u32, value: u64) -> u32;
        pub(super) fn proxy_send_local_response(
            status: u32,
            details: *const u8,
            details_len: usize,
            body: *const u8,
            body_len: usize,
            headers: *const u8,
            headers_len: usize,
            grpc_status: i32,
        ) -> u32;
        pub(super) fn proxy_continue_stream(half: u32) -> u32;
        pub(super) fn proxy_close_stream(half: u32) -> u32;
        pub(super) fn proxy_set_effective_context(id: u32) -> u32;
    }
}

mod wasi {
    #[link(wasm_import_module = "wasi_snapshot_preview1")]
    unsafe extern "C" {
        pub(super) fn clock_time_get(clock: i32, precision: i64, time: *mut u64) -> i32;
    }
}

type Outcome<T> = Result<T, Status>;

fn outcome(status: u32) -> Outcome<()> {
    if status == 0 { Ok(()) } else { Err(Status(status)) }
}

/// Calls a host function that returns bytes, and takes them over.
fn bytes(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Outcome<Vec<u8>> {
    let (mut data, mut size) = (null_mut(), 0);
    outcome(call(&raw mut data, &raw mut size))?;
    // SAFETY: on status 0 the host has stored either null, or a block of `size` bytes that it obtained from this
    // module's allocator through `proxy_on_memory_allocate` (a boxed slice of exactly `size` bytes) and initialised;
    // it keeps no reference to it.
    Ok(if data.is_null() {
        Vec::new()
    } else {
        unsafe { Box::from_raw(slice_from_raw_parts_mut(data, size)) }.into_vec()
    })
}

/// The monotonic clock in nanoseconds, one origin for the whole process; zero if the host has none.
pub(super) fn monotonic_nanos() -> u64 {
    const MONOTONIC: i32 = 1;
    let mut time = 0;
    // SAFETY: `time` points to a live local, which the host writes during the call.
    unsafe { wasi::clock_time_get(MONOTONIC, 1, &raw mut time) };
    time
}

pub(super) fn log(level: u32, text: &str) -> Outcome<()> {
    // SAFETY: pointer and length describe a live slice, which the host only reads during the call.
    outcome(unsafe { imports::proxy_log(level, text.as_ptr(), text.len()) })
}

pub(super) fn set_tick_period(millis: u32) -> Outcome<()> {
    // SAFETY: no pointers.
    outcome(unsafe { imports::proxy_set_tick_period_milliseconds(millis) })
}

pub(super) fn buffer(buffer: Buffer, start: usize, len: usize) -> Outcome<Vec<u8>> {
    // SAFETY: `data` and `size` point to live locals of `bytes`.
    bytes(|data, size| unsafe { imports::proxy_get_buffer_bytes(buffer as u32, start, len, data, size) })
}

pub(super) fn set_buffer(buffer: Buffer, len: usize, value: &[u8]) -> Outcome<()> {
    // SAFETY: pointer and length describe a live slice, which the host only reads during the call.
    outcome(unsafe { imports::proxy_set_buffer_bytes(buffer as u32, 0, len, value.as_ptr(), value.len()) })
}

pub(super) fn header_map(map: Map) -> Outcome<Vec<u8>> {
    // SAFETY: `data` and `size` point to live locals of `bytes`.
    bytes(|data, size| unsafe { imports::proxy_get_header_map_pairs(map as u32, data, size) })
}

pub(super) fn replace_header(map: Map, name: &str, value: &[u8]) -> Outcome<()> {
    // SAFETY: both pairs describe live slices, which the host only reads during the call.
    outcome(unsafe {
        imports::proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

pub(super) fn remove_header(map: Map, name: &str) -> Outcome<()> {
    // SAFETY: pointer and length describe a live slice, which the host only reads during the call.
    outcome(unsafe { imports::proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

pub(super) fn property(path: &str) -> Outcome<Vec<u8>> {
    // SAFETY: the path is a live slice that the host only reads; `data` and `size` point to live locals of `bytes`.
    bytes(|data, size| unsafe { imports::proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

pub(super) fn set_property(path: &str, value: &[u8]) -> Outcome<()> {
    // SAFETY: both pairs describe live slices, which the host only reads during the call.
    outcome(unsafe { imports::proxy_set_property(path.as_ptr(), path.len(), value.as_ptr(), value.len()) })
}

pub(super) fn shared(key: &str) -> Outcome<(Vec<u8>, u32)> {
    let mut cas = 0;
    // SAFETY: the key is a live slice that the host only reads; `data`, `size` and `cas` point to live locals.
    let value = bytes(|data, size| unsafe {
        imports::proxy_get_shared_data(key.as_ptr(), key.len(), data, size, &raw mut cas)
    })?;
    Ok((value, cas))
}

pub(super) fn set_shared(key: &str, value: &[u8], cas: u32) -> Outcome<()> {
    // SAFETY: both pairs describe live slices, which the host only reads during the call.
    outcome(unsafe { imports::proxy_set_shared_data(key.as_ptr(), key.len(), value.as_ptr(), value.len(), cas) })
}

pub(super) fn foreign(name: &str, argument: &[u8]) -> Outcome<Vec<u8>> {
    // SAFETY: name and argument are live slices that the host only reads; `data` and `size` point to live locals.
    bytes(|data, size| unsafe {
        imports::proxy_call_foreign_function(name.as_ptr(), name.len(), argument.as_ptr(), argument.len(), data, size)
    })
}

pub(super) fn define_metric(kind: u32, name: &str) -> Outcome<u32> {
    let mut id = 0;
    // SAFETY: the name is a live slice that the host only reads; `id` points to a live local.
    outcome(unsafe { imports::proxy_define_metric(kind, name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

pub(super) fn increment_metric(id: u32, by: i64) -> Outcome<()> {
    // SAFETY: no pointers.
    outcome(unsafe { imports::proxy_increment_metric(id, by) })
}

pub(super) fn record_metric(id: u32, value: u64) -> Outcome<()> {
    // SAFETY: no pointers.
    outcome(unsafe { imports::proxy_record_metric(id, value) })
}

/// The status of gRPC is left to the host, which derives it from the HTTP status.
pub(super) fn send_local_response(status: u32, details: &str, headers: &[u8], body: &[u8]) -> Outcome<()> {
    // SAFETY: all three pairs describe live slices, which the host copies during the call.
    outcome(unsafe {
        imports::proxy_send_local_response(
            status,
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            -1,
        )
    })
}

pub(super) fn continue_stream(half: Half) -> Outcome<()> {
    // SAFETY: no pointers.
    outcome(unsafe { imports::proxy_continue_stream(half as u32) })
}

pub(super) fn close_stream(half: Half) -> Outcome<()> {
    // SAFETY: no pointers.
    outcome(unsafe { imports::proxy_close_stream(half as u32) })
}

pub(super) fn set_effective_context(id: u32) -> Outcome<()> {
    // SAFETY: no pointers.
    outcome(unsafe { imports::proxy_set_effective_context(id) })
}
