//! `/{kind}/{id}/rec`: the recording of a call (contract yeti.md, 6.9).
//!
//! A call may have been recorded in several pieces, and on several legs. What is sent is one file: the pieces
//! of the leg that was recorded first for the account, one after the other.

use std::{io, path::PathBuf};

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use call::{AccountId, CallRecord, record::Recording, time::whole_seconds};
use http_core::file::{Content, Label, WantedPart, fingerprint};
use tokio::{fs::File, io::AsyncReadExt};

use super::resource::find;
use crate::{
    errors::Refusal,
    records::Record,
    request::{FileRequest, SentId},
};

/// The recording as a WAV file; 404 without a body if there is none, not any more, or none that the client may
/// fetch.
pub async fn download<T: Record>(
    FileRequest(request): FileRequest,
    id: SentId,
    wanted: WantedPart,
) -> Result<Response, Refusal> {
    let record: T = find(&request, &id).await?;
    let folder = &request.app.config.recordings;
    let files: Vec<_> = record.seen().recording().into_iter().map(|name| folder.join(name)).collect();
    match send(&files, wanted, &record.id()).await {
        Ok(sent) => Ok(sent.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(StatusCode::NOT_FOUND.into_response()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a recording cannot be read");
            Err(Refusal::internal())
        }
    }
}

async fn send(files: &[PathBuf], wanted: WantedPart, id: &str) -> io::Result<Option<Response>> {
    let Some(Joined { content, etag }) = Joined::open(files).await? else { return Ok(None) };
    let label = Label { media_type: "audio/wav", file_name: format!("{id}.wav"), etag: Some(etag) };
    wanted.of(content, &label).await.map(Some)
}

/// The files of the leg that was recorded first for the account, of an answered call, if they `may` be fetched.
pub fn of_account(record: &CallRecord, account: AccountId, may: bool) -> Vec<&str> {
    let is_own =
        |recording: &&Recording| record.recorded_for(recording).is_some_and(|owner| owner.account == account);
    let own: Vec<_> = record.recordings.iter().filter(is_own).collect();
    let can_be_fetched = may && whole_seconds(record.connected()) > 0;
    let first = own.first().filter(|_| can_be_fetched).map(|recording| recording.leg);
    own.into_iter()
        .filter(|recording| Some(recording.leg) == first)
        .map(|recording| &*recording.file)
        .collect()
}

/// Bytes of a recording before its samples: the switch writes no other chunks.
const HEADER: usize = 44;
/// Where the header says how many bytes follow, and how many of these are samples.
const SIZES: [(usize, u64); 2] = [(4, HEADER as u64 - 8), (40, 0)];

/// A recording's content, and what it is known by.
struct Joined {
    content: Content,
    etag: String,
}

/// One piece of a recording.
struct Piece {
    header: [u8; HEADER],
    samples: u64,
    file: File,
}

impl Joined {
    /// `None` if there is no file.
    async fn open(files: &[PathBuf]) -> io::Result<Option<Self>> {
        let (mut pieces, mut etags) = (Vec::new(), Vec::new());
        for path in files {
            let mut file = File::open(path).await?;
            let mut header = [0; HEADER];
            file.read_exact(&mut header).await?;
            let samples = file.metadata().await?.len().saturating_sub(HEADER as u64);
            etags.push(fingerprint(&file).await?);
            pieces.push(Piece { header, samples, file });
        }
        let etag = format!("\"{}\"", etags.join("."));
        Ok(join(pieces).map(|content| Self { content, etag }))
    }
}

/// The header of the first, for the samples of all.
fn join(pieces: Vec<Piece>) -> Option<Content> {
    let mut header = pieces.first()?.header;
    let samples: u64 = pieces.iter().map(|piece| piece.samples).sum();
    for (at, more) in SIZES {
        let size = u32::try_from(samples + more).unwrap_or(u32::MAX);
        header[at..at + 4].copy_from_slice(&size.to_le_bytes());
    }
    let mut content = Content::default();
    content.push(header.to_vec());
    for Piece { samples, file, .. } in pieces {
        content.push_file(file, HEADER as u64, samples);
    }
    Some(content)
}
