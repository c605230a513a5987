//! `GET /v1/blocks`, `DELETE /v1/blocks/{source}`: who is kept out for guessing, and letting them in again. For
//! the operator's networks only.

use std::{cmp::Reverse, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use call::ErrorCode;
use directory::audit::{AuditAction, Noted, Whose};
use guard::{Block, Source};
use http_core::{App, auth::Operator, time::rfc3339};

use crate::{
    errors::Failure,
    wire::blocks::{BlockWire, BlocksWire},
};

/// Who is kept out now.
pub async fn list(State(app): State<Arc<App>>, _: Operator) -> Json<BlocksWire> {
    let mut blocks = app.config.guard.blocks(app.monotonic());
    blocks.sort_by_key(|block| Reverse(block.until));
    Json(BlocksWire { blocks: blocks.iter().map(|block| wire(&app, block)).collect() })
}

/// Lets everybody at a source in again.
pub async fn lift(
    State(app): State<Arc<App>>,
    operator: Operator,
    Path(source): Path<String>,
) -> Result<StatusCode, Failure> {
    let known = source.parse::<Source>().map_err(|_| {
        Failure::bad_member(
            "The source",
            format!("{source:?}"),
            "an IP address, or an IPv6 network of 64 bits",
        )
    })?;
    match app.config.guard.lift(known, app.monotonic()) {
        true => {
            note(&app, &operator, known).await;
            Ok(StatusCode::NO_CONTENT)
        }
        false => Err(Failure::new(ErrorCode::NotFound, "Nobody at this source is kept out")),
    }
}

/// Notes who has let them in. That it cannot be noted keeps nobody out.
async fn note(app: &App, operator: &Operator, lifted: Source) {
    let Some(directory) = app.config.directory.clone() else { return };
    let (author, entry) = (operator.author(app.now()), format!("block of {lifted}"));
    let whose = Whose::default();
    let noted = Noted { whose, action: AuditAction::Removed, entry, before: None, after: None };
    let done = tokio::task::spawn_blocking(move || directory.by(author).note(&noted)).await;
    if let Ok(Err(error)) = done {
        tracing::error!(error = &error as &dyn std::error::Error, "a lifted block is not noted");
    }
}

fn wire(app: &App, block: &Block) -> BlockWire {
    let (at, now) = (app.now(), app.monotonic());
    BlockWire {
        source: block.source.to_string(),
        who: if block.is_whole { "strangers" } else { "user" },
        offence: block.offence.name(),
        since: rfc3339(at - now.saturating_sub(block.since)),
        until: rfc3339(at + block.until.saturating_sub(now)),
        refused: block.refused,
    }
}
