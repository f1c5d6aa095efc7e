//! MCP: a call of a tool that failed is a result, so that the model learns why.

use serde_json::{Value, json};

use super::Said;
use crate::ai::mcp::{Kind, calls};
use crate::ai::read::Reading;
use crate::ai::rpc::Asked;

/// Whether one tool is called, and nothing else is asked for.
pub(super) fn is_tool_call(reading: &Reading<'_>) -> bool {
    let calls = calls(reading).unwrap_or_default();
    let [call] = calls.as_slice() else { return false };
    call.kind == Kind::Request && call.method.is_some_and(|method| method.unescaped() == "tools/call")
}

pub(super) fn called(said: &Said<'_>, asked: &Asked) -> Option<Value> {
    let Asked::One(id) = asked else { return None };
    let result = json!({"content": [{"type": "text", "text": said.text}], "isError": true});
    Some(json!({"jsonrpc": "2.0", "id": id.value(), "result": result}))
}
