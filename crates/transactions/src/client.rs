//! Requests of ours (RFC 3261 section 17.1).

use std::time::Duration;

use bytes::Bytes;

use crate::{
    Key, Kind, Output, Transactions, Way,
    queue::Id,
    timing::{Repeat, Timing},
};

/// A request of ours.
#[derive(Debug)]
pub(crate) struct Client<W, C> {
    way: W,
    phase: Phase<C>,
}

#[derive(Debug)]
enum Phase<C> {
    /// Nothing has come back.
    Calling { kind: Kind, user: C, request: Bytes, repeat: Option<Repeat>, until: Duration },
    /// An INVITE has a provisional response; the mark of the latest.
    Ringing { latest: u64, user: C, until: Duration },
    /// Another request has one, and is repeated still.
    Trying { latest: u64, user: C, request: Option<(Bytes, Repeat)>, until: Duration },
    /// An INVITE has a final response other than 2xx, whose repeats get its ACK.
    Completed { ack: Bytes, until: Duration },
}

impl<C> Phase<C> {
    fn due(&self) -> Duration {
        match self {
            Self::Calling { repeat, until, .. } => repeat.map_or(*until, |repeat| repeat.at.min(*until)),
            Self::Trying { request, until, .. } => {
                request.as_ref().map_or(*until, |(_, repeat)| repeat.at.min(*until))
            }
            Self::Ringing { until, .. } | Self::Completed { until, .. } => *until,
        }
    }
}

/// What a response says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard<'a, C> {
    /// Nothing: it is of no request that waits, or a repeat.
    Nothing,
    /// Something before the final one.
    Provisional(&'a C),
    /// The end of it.
    Final(C),
}

impl<W: Way, S: Clone, C> Transactions<W, S, C> {
    /// Sends a request, and again until something comes back.
    pub fn begin(&mut self, key: Key, kind: Kind, way: W, request: Bytes, user: C, now: Duration) {
        let repeat = (!way.is_reliable()).then(|| Repeat::first(&self.timing, now));
        let until = now + self.timing.patience();
        let phase = Phase::Calling { kind, user, request: request.clone(), repeat, until };
        self.enter_client(key, way.clone(), phase);
        self.send(way, request);
    }

    /// Takes a response with this status. `mark` tells one provisional response from its repeat. The refusal of an
    /// INVITE is acknowledged with what `ack` makes for its user.
    pub fn on_response(
        &mut self,
        key: Key,
        (status, mark): (u16, u64),
        now: Duration,
        ack: impl FnOnce(&C) -> Bytes,
    ) -> Heard<'_, C> {
        let Some(client) = self.clients.get(&key) else { return Heard::Nothing };
        match &client.phase {
            Phase::Completed { ack, .. } => {
                if status >= 300 {
                    let (way, ack) = (client.way.clone(), ack.clone());
                    self.send(way, ack);
                }
                Heard::Nothing
            }
            Phase::Ringing { latest, .. } | Phase::Trying { latest, .. }
                if status < 200 && *latest == mark =>
            {
                Heard::Nothing
            }
            _ if status < 200 => self.proceed(key, mark, now),
            _ => self.end(key, status, now, ack),
        }
    }

    /// A provisional response.
    fn proceed(&mut self, key: Key, latest: u64, now: Duration) -> Heard<'_, C> {
        let unanswered = self.timing.unanswered;
        let Some(Client { way, phase }) = self.take_client(key) else { return Heard::Nothing };
        let phase = match phase {
            Phase::Calling { kind: Kind::Invite, user, .. } | Phase::Ringing { user, .. } => {
                Phase::Ringing { latest, user, until: now + unanswered }
            }
            Phase::Calling { kind: Kind::Other, user, request, repeat, until } => {
                Phase::Trying { latest, user, request: repeat.map(|repeat| (request, repeat)), until }
            }
            Phase::Trying { user, request, until, .. } => Phase::Trying { latest, user, request, until },
            completed @ Phase::Completed { .. } => completed,
        };
        self.enter_client(key, way, phase);
        let user = self.clients.get(&key).and_then(|client| client.phase.user());
        user.map_or(Heard::Nothing, Heard::Provisional)
    }

    /// A final response. That of an INVITE other than 2xx is acknowledged, also when it comes again.
    fn end(&mut self, key: Key, status: u16, now: Duration, ack: impl FnOnce(&C) -> Bytes) -> Heard<'_, C> {
        let Some(Client { way, phase }) = self.take_client(key) else { return Heard::Nothing };
        let is_acknowledged = status >= 300
            && matches!(phase, Phase::Calling { kind: Kind::Invite, .. } | Phase::Ringing { .. });
        let Some(user) = phase.into_user() else { return Heard::Nothing };
        if is_acknowledged {
            let ack = ack(&user);
            if !way.is_reliable() {
                let until = now + self.timing.patience();
                self.enter_client(key, way.clone(), Phase::Completed { ack: ack.clone(), until });
            }
            self.send(way, ack);
        }
        Heard::Final(user)
    }

    /// Ends what was sent by ways that are lost; gives whom it was for.
    pub fn lose(&mut self, is_lost: impl Fn(&W) -> bool) -> Vec<C> {
        let lost = self.clients.iter().filter(|(_, client)| is_lost(&client.way)).map(|(key, _)| *key);
        let lost: Vec<_> = lost.collect();
        lost.into_iter().filter_map(|key| self.take_client(key)?.phase.into_user()).collect()
    }

    pub(crate) fn client_due(&mut self, key: Key, now: Duration) {
        let timing = self.timing;
        let Some(client) = self.clients.get_mut(&key) else { return };
        let Some(bytes) = client.phase.repeat(&timing, now) else {
            let user = self.clients.remove(&key).and_then(|client| client.phase.into_user());
            return self.outputs.extend(user.map(Output::TimedOut));
        };
        let (way, next) = (client.way.clone(), client.phase.due());
        self.due.set(Id::Client(key), Some(next));
        self.send(way, bytes);
    }

    fn enter_client(&mut self, key: Key, way: W, phase: Phase<C>) {
        let due = phase.due();
        let before = self.clients.insert(key, Client { way, phase });
        self.due.change(Id::Client(key), before.map(|client| client.phase.due()), Some(due));
    }

    fn take_client(&mut self, key: Key) -> Option<Client<W, C>> {
        let client = self.clients.remove(&key)?;
        self.due.change(Id::Client(key), Some(client.phase.due()), None);
        Some(client)
    }
}

impl<C> Phase<C> {
    /// What is to be sent once more at `now`; `None` if nothing is, and it has waited long enough.
    fn repeat(&mut self, timing: &Timing, now: Duration) -> Option<Bytes> {
        match self {
            Self::Calling { kind, request, repeat: Some(repeat), until, .. } if now < *until => {
                let longest = if *kind == Kind::Invite { timing.patience() } else { timing.t2 };
                *repeat = repeat.next(longest, now);
                Some(request.clone())
            }
            Self::Trying { request: Some((request, repeat)), until, .. } if now < *until => {
                // Somebody is there: no more than every T2 (RFC 3261 section 17.1.2.2).
                *repeat = Repeat::every(timing.t2, now);
                Some(request.clone())
            }
            _ => None,
        }
    }

    fn user(&self) -> Option<&C> {
        match self {
            Self::Calling { user, .. } | Self::Ringing { user, .. } | Self::Trying { user, .. } => Some(user),
            Self::Completed { .. } => None,
        }
    }

    fn into_user(self) -> Option<C> {
        match self {
            Self::Calling { user, .. } | Self::Ringing { user, .. } | Self::Trying { user, .. } => Some(user),
            Self::Completed { .. } => None,
        }
    }
}
