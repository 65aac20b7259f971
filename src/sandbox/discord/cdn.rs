//! Where files are kept: an address of its own, which asks for no credential.
//!
//! It knows no messages. Invariant: each request is kept, with whether a credential came with it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;

use super::state::Core;
use crate::sandbox::fault::FaultKind;

/// The name of this service where faults are armed.
const SERVICE: &str = "discord-cdn";

/// Serves files until the emulator goes down.
pub(super) async fn serve(core: Arc<Core>, listener: TcpListener) {
    let app = Router::new().fallback(front).with_state(Arc::clone(&core));
    let ending = async move { core.went_down().await };
    // It only ends by going down; there is nobody to tell.
    let _ = axum::serve(listener, app).with_graceful_shutdown(ending).await;
}

async fn front(State(core): State<Arc<Core>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let shown = request.headers().contains_key(header::AUTHORIZATION);
    core.lock().fetched.push((path.clone(), shown));
    match core.faults.take(SERVICE, &format!("{} {path}", request.method())) {
        Some(FaultKind::Status(status)) => StatusCode::from_u16(status).unwrap_or_default().into_response(),
        Some(FaultKind::RetryAfter(seconds)) => {
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())]).into_response()
        }
        Some(FaultKind::Garbage) => ([(header::CONTENT_TYPE, "text/html")], "<html>Sign in</html>").into_response(),
        Some(FaultKind::Body(status, body)) => (StatusCode::from_u16(status).unwrap_or_default(), body).into_response(),
        Some(FaultKind::Hang | FaultKind::DropAfter) => {
            core.went_down().await;
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        None => file(&core, &path),
    }
}

// `/attachments/{channel}/{id}/{name}`
fn file(core: &Core, path: &str) -> Response {
    let state = core.lock();
    if let Some(elsewhere) = &state.knobs.files_at {
        return (StatusCode::FOUND, [(header::LOCATION, elsewhere.clone())]).into_response();
    }
    let found = path.split('/').nth(3).and_then(|id| state.files.get(&id.parse().ok()?));
    match found {
        Some(shared) if shared.media.is_empty() => shared.content.clone().into_response(),
        Some(shared) => ([(header::CONTENT_TYPE, shared.media)], shared.content.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, "This content is no longer available.").into_response(),
    }
}
