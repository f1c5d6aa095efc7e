//! Where Envoy comes in: the SDK's callbacks, handed to a [`Plugin`] and its streams. The [`entry!`](crate::entry!)
//! macro makes this the start of a module.

use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action as SdkAction, ContextType};

use crate::host::envoy::Envoy;
use crate::host::{Action, ContextId, Plugin, Proxy, Side, Stream};

#[doc(hidden)]
pub use proxy_wasm::main as initialize;

/// Registers a plugin with the SDK. Called once, when the module starts.
pub fn start<P: Plugin + Default + 'static>() {
    proxy_wasm::set_root_context(|_| Box::new(Root { plugin: Rc::new(P::default()) }));
}

struct Root {
    plugin: Rc<dyn Plugin>,
}

impl Context for Root {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body: usize, _trailers: usize) {
        self.plugin.on_answer(&Envoy, token, headers, body);
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        match Envoy::configuration() {
            Ok(text) => self.plugin.on_configure(&Envoy, &variables(), &text),
            Err(error) => {
                Envoy.log(log::Level::Error, &format!("portcullis: the configuration could not be read: {error}"));
                false
            }
        }
    }

    fn on_tick(&mut self) {
        self.plugin.on_tick(&Envoy);
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Http { plugin: Rc::clone(&self.plugin), stream: self.plugin.stream(ContextId(id)) }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

/// What Envoy was told to hand to the VM. Names or values that are not UTF-8 are left out: `vars` would panic.
fn variables() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

struct Http {
    plugin: Rc<dyn Plugin>,
    stream: Rc<dyn Stream>,
}

impl Context for Http {
    fn on_http_call_response(&mut self, token: u32, headers: usize, body: usize, _trailers: usize) {
        self.plugin.on_answer(&Envoy, token, headers, body);
    }
}

impl HttpContext for Http {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> SdkAction {
        sdk(self.stream.on_headers(&Envoy, Side::Request, end))
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> SdkAction {
        sdk(self.stream.on_body(&Envoy, Side::Request, size, end))
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> SdkAction {
        sdk(self.stream.on_trailers(&Envoy, Side::Request))
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> SdkAction {
        sdk(self.stream.on_headers(&Envoy, Side::Response, end))
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> SdkAction {
        sdk(self.stream.on_body(&Envoy, Side::Response, size, end))
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> SdkAction {
        sdk(self.stream.on_trailers(&Envoy, Side::Response))
    }

    fn on_log(&mut self) {
        self.stream.on_end(&Envoy);
    }
}

fn sdk(action: Action) -> SdkAction {
    match action {
        Action::Continue => SdkAction::Continue,
        Action::Pause => SdkAction::Pause,
    }
}
