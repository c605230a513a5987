//! `/{kind}/{id}/rec`: the recording of a call (contract yeti.md, 6.9).
//!
//! A call may have been recorded in several pieces, and on several legs. What is sent is one file: the pieces
//! of the leg that was recorded first for the account, one after the other.

use std::{io, path::PathBuf};

use axum::{
    body::Body,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use call::{
    AccountId, CallRecord,
    event::Side,
    party::Endpoint,
    record::{LegRecord, Recording},
    time::whole_seconds,
};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt},
};
use tokio_util::io::ReaderStream;

use super::resource::find;
use crate::yeti::{
    errors::Refusal,
    records::Record,
    request::{FileRequest, SentId},
};

/// The recording as a WAV file; 404 without a body if there is none, not any more, or none that the client may
/// fetch.
pub async fn download<T: Record>(FileRequest(request): FileRequest, id: SentId) -> Result<Response, Refusal> {
    let record: T = find(&request, &id).await?;
    let folder = &request.app.config.recordings;
    let files: Vec<_> = record.seen().recording().into_iter().map(|name| folder.join(name)).collect();
    match Joined::open(&files).await {
        Ok(Some(joined)) => Ok(joined.send(&record.id())),
        Ok(None) => Ok(StatusCode::NOT_FOUND.into_response()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(StatusCode::NOT_FOUND.into_response()),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a recording cannot be read");
            Err(Refusal::internal())
        }
    }
}

/// The files of the leg that was recorded first for the account, of an answered call, if they `may` be fetched.
pub fn of_account(record: &CallRecord, account: AccountId, may: bool) -> Vec<&str> {
    let is_own = |recording: &&Recording| {
        record.legs.iter().any(|leg| leg.leg_id == recording.leg && is_recorded_for(record, leg, account))
    };
    let own: Vec<_> = record.recordings.iter().filter(is_own).collect();
    let can_be_fetched = may && whole_seconds(record.connected()) > 0;
    let first = own.first().filter(|_| can_be_fetched).map(|recording| recording.leg);
    own.into_iter()
        .filter(|recording| Some(recording.leg) == first)
        .map(|recording| &*recording.file)
        .collect()
}

/// A phone is recorded for its account. A trunk is recorded for whom it carries the call, not for the carrier.
fn is_recorded_for(record: &CallRecord, leg: &LegRecord, account: AccountId) -> bool {
    let owner = match (&leg.endpoint, leg.side) {
        (Endpoint::Device { .. }, _) => Some(leg.owner),
        (Endpoint::Trunk { .. }, Side::Origination) => record.termination,
        (Endpoint::Trunk { .. }, Side::Termination) => Some(record.origination),
    };
    owner.is_some_and(|owner| owner.account == account)
}

/// Bytes of a recording before its samples: the switch writes no other chunks.
const HEADER: usize = 44;
/// Where the header says how many bytes follow, and how many of these are samples.
const SIZES: [(usize, u64); 2] = [(4, HEADER as u64 - 8), (40, 0)];

/// Recordings as one.
struct Joined {
    header: [u8; HEADER],
    samples: u64,
    content: Box<dyn AsyncRead + Send + Unpin>,
}

impl Joined {
    /// `None` if there is no file.
    async fn open(files: &[PathBuf]) -> io::Result<Option<Self>> {
        let mut joined: Option<Self> = None;
        for path in files {
            let mut file = File::open(path).await?;
            let mut header = [0; HEADER];
            file.read_exact(&mut header).await?;
            let samples = file.metadata().await?.len().saturating_sub(HEADER as u64);
            let content = file.take(samples);
            joined = Some(match joined {
                None => Self { header, samples, content: Box::new(content) },
                Some(before) => Self {
                    samples: before.samples + samples,
                    content: Box::new(before.content.chain(content)),
                    ..before
                },
            });
        }
        Ok(joined)
    }

    fn send(mut self, id: &str) -> Response {
        for (at, more) in SIZES {
            let size = u32::try_from(self.samples + more).unwrap_or(u32::MAX);
            self.header[at..at + 4].copy_from_slice(&size.to_le_bytes());
        }
        let headers = [
            (header::CONTENT_TYPE, "audio/wav".to_owned()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{id}.wav\"")),
            (header::CONTENT_LENGTH, (HEADER as u64 + self.samples).to_string()),
        ];
        let content = io::Cursor::new(self.header).chain(self.content);
        (headers, Body::from_stream(ReaderStream::new(content))).into_response()
    }
}
