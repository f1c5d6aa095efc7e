//! A Wasm filter that does nothing and makes no host call: what it costs is the floor under every other.

use std::rc::Rc;

use portcullis::host::{Action, ContextId, Plugin, Proxy, Side, Stream};

/// The plugin.
#[derive(Default)]
pub struct Empty;

impl Plugin for Empty {
    fn on_configure(&self, _: &dyn Proxy, _: &[(String, String)], _: &[u8]) -> bool {
        true
    }

    fn on_tick(&self, _: &dyn Proxy) {}

    fn on_answer(&self, _: &dyn Proxy, _: u32, _: usize, _: usize) {}

    fn stream(&self, _: ContextId) -> Rc<dyn Stream> {
        Rc::new(Self)
    }
}

impl Stream for Empty {
    fn on_headers(&self, _: &dyn Proxy, _: Side, _: bool) -> Action {
        Action::Continue
    }

    fn on_body(&self, _: &dyn Proxy, _: Side, _: usize, _: bool) -> Action {
        Action::Continue
    }

    fn on_trailers(&self, _: &dyn Proxy, _: Side) -> Action {
        Action::Continue
    }

    fn on_end(&self, _: &dyn Proxy) {}
}

portcullis::plugin!(Empty);
