//! Files that people share: what they are on the wire, where they are read, and who may delete them.
//!
//! Invariant: a file's content is given to the bot's token only; everybody else gets a login page with status 200, as
//! from Slack.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};

use super::Core;
use super::web::{Answer, Args, Caller, caller, misbehave};

/// The media types and names that Slack gives to files, by the ending of their names.
const KINDS: [(&str, &str, &str); 7] = [
    (".txt", "text/plain", "text"),
    (".log", "text/plain", "text"),
    (".json", "application/json", "json"),
    (".yml", "text/plain", "yaml"),
    (".png", "image/png", "png"),
    (".zip", "application/zip", "zip"),
    (".pdf", "application/pdf", "pdf"),
];
/// What Slack calls a file of a kind that it does not know.
const OTHER_KIND: (&str, &str) = ("application/octet-stream", "binary");
/// Characters of a snippet that messages show.
const PREVIEW: usize = 300;

/// One shared file.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    user: String,
    channel: String,
    name: String,
    content: Vec<u8>,
}

impl Shared {
    /// A file of that person.
    pub fn new(user: &str, channel: &str, name: &str, content: &[u8]) -> Self {
        Self { user: user.into(), channel: channel.into(), name: name.into(), content: content.to_vec() }
    }

    fn kind(&self) -> (&'static str, &'static str) {
        let known = KINDS.iter().find(|(ending, ..)| self.name.ends_with(ending));
        known.map_or(OTHER_KIND, |(_, media, kind)| (*media, *kind))
    }
}

/// A file as messages and `files.info` give it.
pub(super) fn wire(core: &Core, id: &str, file: &Shared) -> Value {
    let (media, kind) = file.kind();
    let url = format!("http://{}/files/{id}/{}", core.http, file.name);
    let text = media.starts_with("text/");
    let mut wire = json!({
        "id": id, "created": 0, "timestamp": 0, "name": file.name, "title": file.name, "mimetype": media,
        "filetype": kind, "pretty_type": kind, "user": file.user, "editable": text, "size": file.content.len(),
        "mode": if text { "snippet" } else { "hosted" }, "is_external": false, "is_public": true, "file_access": "visible",
        "url_private": url, "url_private_download": url, "permalink": format!("{url}?permalink"),
    });
    if text {
        let preview: String = String::from_utf8_lossy(&file.content).chars().take(PREVIEW).collect();
        wire["preview"] = json!(preview);
    }
    wire
}

/// `files.info`.
pub(super) fn describe(core: &Core, args: &Args) -> Answer {
    let id = args.need("file", "file_not_found")?;
    let state = core.state();
    let file = state.files.get(&id).ok_or("file_not_found")?;
    Ok(json!({"file": wire(core, &id, file), "comments": [], "response_metadata": {"next_cursor": ""}}))
}

/// `files.delete`: whose file it is, and an admin by a user token.
pub(super) fn delete(core: &Core, caller: Caller, args: &Args) -> Answer {
    let id = args.need("file", "file_not_found")?;
    let mut state = core.state();
    let file = state.files.get(&id).ok_or("file_not_found")?;
    if file.user != caller.user() && (caller != Caller::Admin || file.channel.starts_with('D')) {
        return Err("cant_delete_file".into());
    }
    state.files.remove(&id);
    Ok(json!({}))
}

/// The content, by `url_private_download`.
pub(super) async fn download(
    State(core): State<Arc<Core>>,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let fault = core.faults.take("slack", &format!("GET /files/{name}"));
    if let Some(response) = misbehave(&core, fault.as_ref()).await {
        return response;
    }
    let file = core.state().files.get(&id).cloned();
    match file {
        Some(file) if caller(&core, &headers, None) == Ok(Caller::Bot) => {
            ([(header::CONTENT_TYPE, file.kind().0)], file.content).into_response()
        }
        _ => Html("<!DOCTYPE html><title>Sign in</title>").into_response(),
    }
}
