//! Reads a `multipart/form-data` body: `payload_json` and the names and sizes of files.
//!
//! It keeps no file. Invariant: the answer is the payload with an `attachments` list that has one entry for each file.

use serde_json::{Value, json};

/// The payload of a multipart body, or `None` when it cannot be read.
pub(super) fn read(content_type: &str, body: &[u8]) -> Option<Value> {
    let boundary = content_type.split("boundary=").nth(1)?.split(';').next()?.trim().trim_matches('"');
    let mark = format!("--{boundary}");
    let mut payload = json!({});
    let mut files = Vec::new();
    for part in split(body, mark.as_bytes()) {
        let Some(at) = find(part, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&part[..at]);
        let content = part[at + 4..].strip_suffix(b"\r\n").unwrap_or(&part[at + 4..]);
        let name = quoted(&head, " name=").unwrap_or_default();
        if name == "payload_json" {
            payload = serde_json::from_slice(content).ok()?;
        } else if let Some(file) = quoted(&head, "filename=") {
            files.push(json!({"filename": file, "size": content.len()}));
        }
    }
    payload["attachments"] = Value::Array(files);
    Some(payload)
}

fn quoted(head: &str, key: &str) -> Option<String> {
    let rest = head.split(key).nth(1)?.strip_prefix('"')?;
    rest.split('"').next().map(str::to_owned)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|w| w == what)
}

fn split<'a>(body: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = find(rest, mark) {
        parts.push(&rest[..at]);
        rest = &rest[at + mark.len()..];
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_and_file_are_found() {
        let body = concat!(
            "--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n{\"content\":\"hi\"}\r\n",
            "--b\r\nContent-Disposition: form-data; name=\"files[0]\"; filename=\"new.age\"\r\n\r\nabc\r\n--b--\r\n"
        );
        let read = read("multipart/form-data; boundary=b", body.as_bytes()).expect("it is well formed");
        assert_eq!(read, json!({"content": "hi", "attachments": [{"filename": "new.age", "size": 3}]}));
    }
}
