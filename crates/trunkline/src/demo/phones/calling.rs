//! A demo phone that calls.

use std::{sync::Arc, time::Duration};

use anyhow::{Result, anyhow};
use rsipstack::{
    dialog::{authenticate::Credential, invitation::InviteOption, invite_dialog::InviteDialog},
    sip::Response,
};

use super::{Bank, LOOPBACK, conversation::Conversation};
use crate::demo::{
    plan::{Deed, Patience, Plan},
    sound::{Direction, Sound},
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
        let option = self.invitation(&caller, &plan.dialed, sound.sdp(Direction::Both)?)?;
        let (dialog, answer) =
            self.dialogs.do_invite_async(option, states).map_err(|error| anyhow!("{error}"))?;
        let answer = async { answer.await.ok().and_then(Result::ok).and_then(|(_, response)| response) };
        match plan.patience {
            Patience::AfterDialing(patience) => give_up(&dialog, answer, patience).await,
            Patience::AfterAnswer(patience) => {
                if let Some(response) = answer.await.filter(|response| response.status_code.code() == 200) {
                    sound.send_to(&response.body);
                    let mut conversation =
                        Conversation { dialog: &dialog, changes: &mut changes, sound: &mut sound };
                    self.converse(&mut conversation, plan.deed, patience).await?;
                }
            }
        }
        self.dialogs.remove_dialog(&dialog.id());
        Ok(())
    }

    /// Talks, does its deed in the middle, talks on, and hangs up.
    async fn converse(&self, call: &mut Conversation<'_>, deed: Deed, length: Duration) -> Result<()> {
        let part = length / 3;
        let is_up = call.talk(part).await
            && match deed {
                Deed::Nothing => call.talk(part).await,
                Deed::Holds => call.hold(part).await?,
                Deed::HandsOverTo(extension) => {
                    call.hand_over(self.uri(extension, self.server)?).await?;
                    false
                }
            }
            && call.talk(part).await;
        if is_up {
            call.dialog.hangup().await.map_err(|error| anyhow!("{error}"))?;
        }
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
