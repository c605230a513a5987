//! An answered call, as a phone leads it.

use std::time::Duration;

use anyhow::{Result, anyhow};
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver, TransactionHandle},
        invite_dialog::InviteDialog,
    },
    sip::{Header, ReferTo, Request, StatusCode, Uri},
};

use crate::demo::sound::{Direction, Sound};

/// How long whoever hands a call over waits to be let go.
const HANDING_OVER: Duration = Duration::from_secs(20);

/// An answered call. What is asked on the way is answered while the phone talks.
pub(super) struct Conversation<'a> {
    pub(super) dialog: &'a InviteDialog,
    pub(super) changes: &'a mut DialogStateReceiver,
    pub(super) sound: &'a mut Sound,
}

impl Conversation<'_> {
    /// Talks for so long, or until the call is over; says whether it is still up.
    pub(super) async fn talk(&mut self, length: Duration) -> bool {
        tokio::time::timeout(length, self.until_end()).await.is_err()
    }

    async fn until_end(&mut self) {
        while let Some(state) = self.changes.recv().await {
            match state {
                DialogState::Terminated(..) => return,
                DialogState::Updated(_, request, handle) => self.go_along(&request, &handle).await,
                DialogState::Notify(_, _, handle) | DialogState::Info(_, _, handle) => {
                    // Whoever no longer waits for the answer is not told.
                    let _ = handle.reply(StatusCode::OK).await;
                }
                _ => {}
            }
        }
    }

    /// The other side wants the sound elsewhere, or waits.
    async fn go_along(&mut self, request: &Request, handle: &TransactionHandle) {
        self.sound.send_to(&request.body);
        let Ok(sdp) = self.sound.sdp(Direction::Both) else { return };
        // As above.
        let _ = handle.respond(StatusCode::OK, Some(vec![content_type()]), Some(sdp)).await;
    }

    /// Puts the other side on hold for so long; says whether the call is still up.
    pub(super) async fn hold(&mut self, length: Duration) -> Result<bool> {
        self.describe(Direction::SendOnly).await?;
        if !self.talk(length).await {
            return Ok(false);
        }
        self.describe(Direction::Both).await?;
        Ok(true)
    }

    async fn describe(&mut self, direction: Direction) -> Result<()> {
        let sdp = self.sound.sdp(direction)?;
        let changed = self.dialog.reinvite(Some(vec![content_type()]), Some(sdp)).await;
        changed.map(drop).map_err(|error| anyhow!("{error}"))
    }

    /// Hands the other side over, and waits to be let go.
    pub(super) async fn hand_over(&mut self, to: Uri) -> Result<()> {
        let refer_to = ReferTo::from(to);
        self.dialog.refer(refer_to, None, None).await.map_err(|error| anyhow!("{error}"))?;
        self.talk(HANDING_OVER).await;
        Ok(())
    }
}

pub(super) fn content_type() -> Header {
    Header::ContentType("application/sdp".into())
}
