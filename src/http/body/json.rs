//! JSON bodies, as later jBackend versions read them: the fields of an object count like those of a
//! form.

use php_compat::query::Fields;
use serde_json::Value;

use super::bounds::KEPT;
use super::chunks::Chunks;

/// Reads the top-level fields of an object. Other JSON, or a body that is too long to keep, has
/// none.
pub(super) async fn fields(chunks: &mut Chunks) -> Fields {
    let mut text = Vec::new();
    while let Some(Ok(chunk)) = chunks.next().await {
        if text.len() + chunk.len() > KEPT {
            return Fields::default();
        }
        text.extend_from_slice(&chunk);
    }
    let mut fields = Fields::default();
    let Ok(Value::Object(object)) = serde_json::from_slice(&text) else { return fields };
    for (name, value) in object {
        match value {
            Value::String(text) => fields.insert(name.as_bytes(), text.into_bytes()),
            Value::Number(number) => {
                fields.insert(name.as_bytes(), number.to_string().into_bytes());
            }
            Value::Bool(flag) => {
                fields.insert(name.as_bytes(), if flag { b"1".to_vec() } else { Vec::new() });
            }
            // The field is present and never valid, like `name[]=` in a form.
            Value::Array(_) | Value::Object(_) => {
                fields.insert(format!("{name}[]").as_bytes(), Vec::new());
            }
            Value::Null => {}
        }
    }
    fields
}
