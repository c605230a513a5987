//! SIP on a stream of bytes: cutting it into messages, and keep-alives (RFC 5626 section 4.4.1).

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split},
    time::{timeout, timeout_at},
};

use super::{Line, Outbox, Wire, standing::Watch};
use crate::transport::{
    intake::{Arrival, Intake},
    overload::Queue,
    screen::{self, Frame},
};

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
    let mut watch = Watch::begin(&line.origin, &line.limits);
    let mut queue = Queue::default();
    loop {
        match screen::frame(&buffer) {
            Frame::Message(length) => {
                watch.on_message();
                let stands = queue.took(intake.now());
                intake.take(Arrival::on(line, &buffer.split_to(length), stands));
            }
            Frame::Ping => {
                let _ = buffer.split_to(screen::PING.len());
                line.raw.send(Bytes::from_static(screen::PONG));
            }
            Frame::Blank(length) => drop(buffer.split_to(length)),
            Frame::Broken => return,
            Frame::Incomplete => {
                let has_begun = buffer.first().is_some_and(|first| *first != b'\r');
                let deadline = match has_begun {
                    true => watch.deadline_of_message(),
                    false => watch.deadline(line.limits.idle),
                };
                match timeout_at(deadline, queue.watch(reader.read_buf(&mut buffer))).await {
                    Ok(Ok(length)) if length > 0 => watch.on_bytes(),
                    _ => return,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::transport::stream::outbox;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let (mut ours, _theirs) = tokio::io::duplex(64);
        let (_outlet, outbox) = outbox::open(CancellationToken::new());
        outbox.raw().send(vec![b'x'; 65].into());
        let began = Instant::now();
        write(&mut ours, outbox).await;
        assert_eq!(began.elapsed(), WRITE);
    }
}
