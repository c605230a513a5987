//! SIP on a stream of bytes: cutting it into messages, and keep-alives (RFC 5626 section 4.4.1).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::timeout,
};

use super::{Line, Outbox, Wire};
use crate::transport::{
    intake::{Arrival, Intake},
    screen::{self, Frame},
};

/// A connection on which nothing comes for so long is closed; phones send keep-alives far more often.
const IDLE: Duration = Duration::from_secs(900);

/// How long a peer may take to make room for one message.
pub(super) const WRITE: Duration = Duration::from_secs(10);

/// Reads and writes until the peer closes, breaks the rules or falls silent.
pub(super) async fn carry(wire: Wire, line: &Line, outbox: Outbox, intake: &Intake) {
    let (reader, mut writer) = split(wire);
    tokio::select! {
        () = read(reader, line, intake) => {}
        () = write(&mut writer, outbox) => {}
    }
    // The peer may have gone already.
    let _ = timeout(WRITE, writer.shutdown()).await;
}

async fn write(writer: &mut (impl AsyncWrite + Unpin), mut outbox: Outbox) {
    loop {
        let bytes = outbox.next().await;
        let written = timeout(WRITE, async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        });
        if !matches!(written.await, Ok(Ok(()))) {
            return;
        }
    }
}

async fn read(mut reader: impl AsyncRead + Unpin, line: &Line, intake: &Intake) {
    let mut buffer = BytesMut::with_capacity(4096);
    while let Some(frame) = next_frame(&mut reader, &mut buffer).await {
        match frame {
            Frame::Message(length) => intake.take(Arrival::on(line, &buffer.split_to(length))).await,
            Frame::Ping => {
                let _ = buffer.split_to(screen::PING.len());
                line.raw.send(Bytes::from_static(screen::PONG));
            }
            Frame::Blank(length) => drop(buffer.split_to(length)),
            Frame::Broken => return,
            Frame::Incomplete => {}
        }
    }
}

/// The next whole frame at the front of `buffer`; `None` when the peer has closed or is idle for too long.
async fn next_frame(reader: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Option<Frame> {
    loop {
        match screen::frame(buffer) {
            Frame::Incomplete => {}
            frame => return Some(frame),
        }
        let read = timeout(IDLE, reader.read_buf(buffer)).await;
        match read {
            Ok(Ok(length)) if length > 0 => {}
            _ => return None,
        }
    }
}
