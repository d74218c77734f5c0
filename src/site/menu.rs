//! Reads the options of an end-point from the params of a menu item or of the component;
//! `docs/protocol.md`, "Menu item params".

use serde_json::{Map, Value};

use super::endpoint::{Access, Behaviour, Modules};

/// Reads the options of a menu item from its params.
#[must_use]
pub fn of_item(params: &str) -> Behaviour {
    let params = object(params);
    Behaviour {
        access: access(params.get("access_type")),
        modules: modules(&params),
        trace: flag(params.get("enable_trace")),
        cors: flag(params.get("enable_cors")),
        force_ssl: flag(params.get("force_ssl")),
    }
}

/// Reads the options for requests without a menu item from the component's params.
#[must_use]
pub fn of_component(params: &str) -> Behaviour {
    let params = object(params);
    Behaviour {
        access: access(params.get("default_access_type")),
        modules: Modules::All,
        trace: flag(params.get("default_enable_trace")),
        cors: false,
        force_ssl: flag(params.get("default_force_ssl")),
    }
}

/// Returns the menu item that an item of type `alias` points to.
#[must_use]
pub fn alias_target(params: &str) -> Option<u32> {
    text(object(params).get("aliasoptions")?)?.parse().ok()
}

/// A text that is not a JSON object (`[]`, empty) has no params.
fn object(params: &str) -> Map<String, Value> {
    serde_json::from_str(params).unwrap_or_default()
}

/// Any value except `free` and `user` requires a key: the strictest access, and the component's
/// default.
fn access(value: Option<&Value>) -> Access {
    match value.and_then(text).as_deref() {
        Some("free") => Access::Free,
        Some("user") => Access::User,
        _ => Access::Key,
    }
}

/// Returns all modules, unless the item selects some. If the list is missing or invalid, no module
/// is published.
fn modules(params: &Map<String, Value>) -> Modules {
    if params.get("enabled_modules").is_none_or(|value| text(value).as_deref() == Some("1")) {
        return Modules::All;
    }
    Modules::Only(match params.get("selected_modules") {
        Some(Value::Array(names)) => names.iter().filter_map(text).collect(),
        Some(Value::Object(names)) => names.values().filter_map(text).collect(),
        Some(Value::String(name)) if !name.is_empty() => vec![name.clone()],
        _ => Vec::new(),
    })
}

/// Saved forms contain `"1"`; rows written by code may contain numbers and booleans.
fn flag(value: Option<&Value>) -> bool {
    value.and_then(text).is_some_and(|text| !matches!(text.as_str(), "" | "0" | "false"))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "1" } else { "0" }.into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
