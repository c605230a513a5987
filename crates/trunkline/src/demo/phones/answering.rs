//! A demo phone that is called.

use std::{sync::Arc, time::Duration};

use rsipstack::{
    Result,
    dialog::{dialog::DialogState, dialog::DialogStateReceiver, invite_dialog::InviteDialog},
    sip::StatusCode,
    transaction::transaction::Transaction,
};

use super::{
    Bank, LOOPBACK, Manner,
    conversation::{Conversation, content_type},
};
use crate::demo::sound::{Direction, Sound};

/// How long a phone that answers rings.
const RINGS: Duration = Duration::from_millis(1_500);
/// How long it talks before it hangs up by itself.
const TALKS: Duration = Duration::from_secs(30);

impl Bank {
    pub(super) async fn be_called(self: Arc<Self>, mut request: Transaction) -> Result<()> {
        let user = request.original.uri.auth.as_ref().map(|auth| auth.user.clone()).unwrap_or_default();
        let (states, changes) = self.dialogs.new_dialog_state_channel();
        let contact = self.uri(&user, self.address).ok();
        let mut dialog = self.dialogs.get_or_create_server_invite(&request, states, None, contact)?;
        let answering =
            Answering { bank: self.clone(), dialog: dialog.clone(), offer: request.original.body.clone() };
        tokio::spawn(answering.behave((self.manner)(&user), changes));
        dialog.handle(&mut request).await
    }
}

/// A call that has come in.
struct Answering {
    bank: Arc<Bank>,
    dialog: InviteDialog,
    offer: Vec<u8>,
}

impl Answering {
    async fn behave(self, manner: Manner, mut changes: DialogStateReceiver) {
        let done = match manner {
            Manner::IsBusy => self.dialog.reject(Some(StatusCode::BusyHere), None),
            Manner::IsSilent => self.dialog.ringing(None, None),
            Manner::Answers => Ok(()),
        };
        if let Err(error) = done {
            tracing::debug!(%error, "a demo phone could not answer");
        }
        match manner {
            Manner::Answers => self.talk(&mut changes).await,
            Manner::IsBusy | Manner::IsSilent => ended(&mut changes).await,
        }
        self.bank.dialogs.remove_dialog(&self.dialog.id());
    }

    async fn talk(&self, changes: &mut DialogStateReceiver) {
        if let Err(error) = self.try_talk(changes).await {
            tracing::debug!(%error, "a demo phone lost its call");
        }
    }

    async fn try_talk(&self, changes: &mut DialogStateReceiver) -> anyhow::Result<()> {
        self.dialog.ringing(None, None)?;
        if tokio::time::timeout(RINGS, ended(changes)).await.is_ok() {
            return Ok(());
        }
        let mut sound = Sound::open(LOOPBACK).await?;
        self.dialog.accept(Some(vec![content_type()]), Some(sound.sdp(Direction::Both)?))?;
        sound.send_to(&self.offer);
        let mut conversation = Conversation { dialog: &self.dialog, changes, sound: &mut sound };
        if conversation.talk(TALKS).await {
            self.dialog.hangup().await?;
        }
        Ok(())
    }
}

/// Waits for the dialog's end.
pub(super) async fn ended(changes: &mut DialogStateReceiver) {
    while let Some(state) = changes.recv().await {
        if matches!(state, DialogState::Terminated(..)) {
            return;
        }
    }
}
