//! Keys: those that parties press, in RTP (RFC 4733) or in INFO, and those that they are sent.

use std::{collections::VecDeque, time::Duration};

use call::{EventKind, LegId, command::Digits, event::Digit};
use rsipstack::{
    sip::{Method, Request, StatusCode},
    transaction::transaction::Transaction,
};
use switch::SwitchError;

use super::{
    Input, Session,
    leg::{Leg, Line},
    path::MediaPath,
    sound::DIRECT,
};
use crate::{media::MediaError, message::fields::Body, sdp::Description, task::launch};

/// The body of an INFO with one key, as it became customary.
const RELAY: &str = "application/dtmf-relay";
/// The same with nothing but the key.
const PLAIN: &str = "application/dtmf";
/// From the answer to one INFO to the next.
const PAUSE: Duration = Duration::from_millis(50);

impl Session {
    /// Sends keys to the party of leg `id`: in RTP if it has agreed on that, else by INFO.
    pub(super) fn send_digits(&mut self, id: LegId, digits: &Digits) -> Result<(), SwitchError> {
        let leg = self.leg(id).filter(|leg| leg.is_answered());
        let leg = leg.ok_or(SwitchError::Conflict("the leg is not answered"))?;
        if matches!(self.media, MediaPath::Direct) && takes_events(&leg.description) {
            return Err(DIRECT);
        }
        match self.media.known(id).map(|media| media.press(digits.as_str())) {
            Some(Ok(())) => Ok(()),
            None | Some(Err(MediaError::NoKeys)) => {
                self.send_by_info(id, digits);
                Ok(())
            }
            Some(Err(_)) => Err(SwitchError::Conflict("keys cannot be sent on this leg")),
        }
    }

    fn send_by_info(&mut self, id: LegId, digits: &Digits) {
        let Some(leg) = self.leg_mut(id) else { return };
        let is_idle = leg.keys.is_empty();
        leg.keys.extend(digits.as_str().chars());
        if is_idle {
            self.send_next_key(id);
        }
    }

    /// Sends the first of the waiting keys; it stays there until it is answered.
    fn send_next_key(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id) else { return };
        let confirmed = match &leg.line {
            Line::Incoming(invite) => Some(invite.confirmed.clone()),
            Line::Outgoing(_) => None,
        };
        let (Some(key), Some(dialog)) = (leg.keys.front().copied(), leg.dialog_mut()) else { return };
        let bytes = format!("Signal={key}\r\nDuration=100\r\n").into_bytes();
        let request = dialog.request(Method::Info, 70, Body { kind: Some(RELAY.into()), bytes });
        let flow = dialog.flow.clone();
        let (exchange, mailbox) = (self.core.stack.clone().exchange(flow, request), self.mailbox.clone());
        launch(&self.core.stack.tasks, async move {
            // Before its ACK, a caller may not have got our answer yet.
            if let Some(confirmed) = confirmed {
                confirmed.cancelled().await;
            }
            // A party that refuses one key is not spared the others: the next may be one that it takes.
            exchange.await;
            tokio::time::sleep(PAUSE).await;
            mailbox.post(Input::KeySent { leg: id });
        });
    }

    /// The party has answered the INFO with the first of the waiting keys.
    pub(super) fn on_key_sent(&mut self, id: LegId) {
        let Some(leg) = self.leg_mut(id).filter(|leg| !leg.is_ended()) else { return };
        leg.keys.pop_front();
        self.send_next_key(id);
    }

    /// The party of leg `id` has pressed a key, as its RTP says.
    pub(super) fn on_key(&self, id: LegId, key: char) {
        if self.leg(id).is_some_and(|leg| !leg.is_ended()) {
            self.tell(EventKind::DigitReceived { leg: id, digit: Digit(key) });
        }
    }

    /// An INFO goes on to the other side, and is answered by that. A key is taken here: told of, and sent on
    /// by an INFO of ours, so that whoever acts on it does not keep its sender waiting.
    pub(super) fn on_info(&mut self, id: LegId, transaction: Transaction) {
        let Some(key) = key_of(&transaction.original) else { return self.pass_on(id, transaction) };
        let body = Body::of_request(&transaction.original);
        self.answer(transaction, StatusCode::OK);
        self.on_key(id, key);
        let peer = self.peer_of(id).and_then(|peer| self.leg_mut(peer)).filter(|peer| peer.is_answered());
        if let Some(dialog) = peer.and_then(Leg::dialog_mut) {
            let request = dialog.request(Method::Info, 70, body);
            let flow = dialog.flow.clone();
            self.core.stack.send(flow, request);
        }
    }
}

/// Keys that wait to be sent by INFO.
pub(super) type WaitingKeys = VecDeque<char>;

/// Whether a description has telephone-event.
fn takes_events(description: &Body) -> bool {
    Description::parse(&description.bytes).is_ok_and(|description| description.takes_events())
}

/// The key that an INFO tells of.
fn key_of(request: &Request) -> Option<char> {
    let body = Body::of_request(request);
    let kind = body.kind.as_deref()?.split(';').next()?.trim().to_ascii_lowercase();
    let text = std::str::from_utf8(&body.bytes).ok()?;
    let key = match kind.as_str() {
        PLAIN => text.trim(),
        RELAY => {
            let fields = text.lines().filter_map(|line| line.split_once('='));
            let mut signals = fields.filter(|(name, _)| name.trim().eq_ignore_ascii_case("signal"));
            signals.next()?.1.trim()
        }
        _ => return None,
    };
    let key = match key {
        // Some write the number of the event.
        "10" => '*',
        "11" => '#',
        _ => key.parse::<char>().ok()?.to_ascii_uppercase(),
    };
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(key)
}
