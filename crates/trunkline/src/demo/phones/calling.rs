//! A demo phone that calls.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, anyhow};
use rsipstack::{
    dialog::{
        authenticate::Credential, dialog::DialogStateReceiver, invitation::InviteOption,
        invite_dialog::InviteDialog,
    },
    sip::Response,
};

use super::{Bank, LOOPBACK, answering::ended};
use crate::demo::{
    plan::{Patience, Plan},
    sound::Sound,
};

/// Who calls, and with which secret.
#[derive(Clone, Debug)]
pub struct Caller {
    /// User part of its address.
    pub user: String,
    /// The number that it shows.
    pub number: String,
    /// Its secret; none for the carrier, which is known by its address.
    pub secret: Option<String>,
}

impl Bank {
    /// Places a call and stays until it is over.
    pub async fn call(self: Arc<Self>, caller: Caller, plan: Plan) -> Result<()> {
        let mut sound = Sound::open(LOOPBACK).await?;
        let (states, mut changes) = self.dialogs.new_dialog_state_channel();
        let option = self.invitation(&caller, &plan.dialed, sound.sdp()?)?;
        let (dialog, answer) =
            self.dialogs.do_invite_async(option, states).map_err(|error| anyhow!("{error}"))?;
        let answer = async { answer.await.ok().and_then(Result::ok).and_then(|(_, response)| response) };
        match plan.patience {
            Patience::AfterDialing(patience) => give_up(&dialog, answer, patience).await,
            Patience::AfterAnswer(patience) => {
                if let Some(response) = answer.await.filter(|response| response.status_code.code() == 200) {
                    sound.send_to(&response.body);
                    hang_up(&dialog, &mut changes, patience).await;
                }
            }
        }
        self.dialogs.remove_dialog(&dialog.id());
        Ok(())
    }

    fn invitation(&self, caller: &Caller, dialed: &str, offer: Vec<u8>) -> Result<InviteOption> {
        let credential: Option<Credential> =
            caller.secret.as_ref().map(|secret| self.credential(&caller.user, secret));
        Ok(InviteOption {
            caller: self.uri(&caller.number, self.server)?,
            callee: self.uri(dialed, self.server)?,
            contact: self.uri(&caller.user, self.address)?,
            destination: Some(self.server_address()),
            content_type: Some("application/sdp".to_owned()),
            offer: Some(offer),
            credential,
            ..InviteOption::default()
        })
    }
}

async fn give_up(dialog: &InviteDialog, answer: impl Future<Output = Option<Response>>, patience: Duration) {
    let mut answer = std::pin::pin!(answer);
    if tokio::time::timeout(patience, &mut answer).await.is_err() {
        // CANCEL, or BYE if the answer was faster.
        let _ = dialog.hangup().await;
        answer.await;
    } else {
        let _ = dialog.hangup().await;
    }
}

async fn hang_up(dialog: &InviteDialog, changes: &mut DialogStateReceiver, patience: Duration) {
    if tokio::time::timeout(patience, ended(changes)).await.is_err() {
        let _ = dialog.hangup().await;
    }
}
