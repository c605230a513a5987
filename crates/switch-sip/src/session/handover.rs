//! Two calls become one: the call that is asked gives itself up whole, so that nothing which is on its way
//! to it is lost or taken twice.

use call::{AccountId, LegId};
use switch::SwitchError;
use tokio::sync::mpsc;

use super::{Input, Mailbox, Session, leg::Leg};

/// Asks a call to give itself up to another. It is answered in any case, if need be by its end.
pub(crate) struct Plea {
    /// The leg of the asked call that the two are to be joined by.
    leg: LegId,
    sought: Sought,
    /// Whose leg that must be.
    account: Option<AccountId>,
    /// Who asks; gone once answered.
    from: Option<Mailbox>,
}

/// How the leg must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sought {
    /// It talks to another.
    Talking,
    /// It does, or those that it calls ring still.
    Consulting,
    /// Its party wants to join the call that asks.
    Visitor,
}

/// A call that gave itself up.
pub(crate) struct Estate {
    pub(super) session: Session,
    pub(super) inbox: mpsc::UnboundedReceiver<Input>,
    /// The leg that it was asked for.
    pub(super) leg: LegId,
}

impl Plea {
    pub(super) fn new(leg: LegId, sought: Sought, account: Option<AccountId>, from: Mailbox) -> Self {
        Self { leg, sought, account, from: Some(from) }
    }

    fn answer(&mut self, answer: Result<Box<Estate>, SwitchError>) {
        if let Some(from) = self.from.take() {
            from.post(Input::Surrendered(answer));
        }
    }
}

/// The call that was asked has ended.
impl Drop for Plea {
    fn drop(&mut self) {
        self.answer(Err(SwitchError::NotFound));
    }
}

impl Estate {
    /// The call goes on by itself.
    pub(super) fn release(self) {
        let Self { session, inbox, .. } = self;
        session.core.clone().stack.tasks.spawn(session.run(inbox));
    }
}

impl Session {
    /// Gives the call up to who asks, or goes on with it.
    pub(super) fn surrender(
        self,
        mut plea: Plea,
        inbox: mpsc::UnboundedReceiver<Input>,
    ) -> Option<(Self, mpsc::UnboundedReceiver<Input>)> {
        match self.may_surrender(&plea) {
            Ok(()) => {
                let estate = Estate { session: self, inbox, leg: plea.leg };
                plea.answer(Ok(Box::new(estate)));
                None
            }
            Err(error) => {
                plea.answer(Err(error));
                Some((self, inbox))
            }
        }
    }

    fn may_surrender(&self, plea: &Plea) -> Result<(), SwitchError> {
        let leg = self.leg(plea.leg).filter(|leg| !leg.is_ended()).ok_or(SwitchError::NotFound)?;
        if plea.account.is_some_and(|account| account != leg.party.owner.account) {
            return Err(SwitchError::NotFound);
        }
        match plea.sought {
            Sought::Talking => self.pair_at_rest(plea.leg).map(drop),
            Sought::Consulting if self.is_calling(plea.leg) => Ok(()),
            Sought::Consulting => self.pair_at_rest(plea.leg).map(drop),
            Sought::Visitor if leg.is_answered() && self.onward.is_some() => Ok(()),
            Sought::Visitor => Err(SwitchError::NotFound),
        }
    }

    /// Takes over the legs of another call, and whatever comes for them.
    pub(super) fn absorb(&mut self, estate: Estate) {
        let Estate { mut session, mut inbox, .. } = estate;
        session.mailbox.merge(&mut inbox, &self.mailbox);
        self.core.last_calls.merge(session.id, self.id);
        self.booking.absorb(&mut session.booking);
        for leg in &mut session.legs {
            leg.admission.iter_mut().for_each(|admission| self.booking.share(admission));
        }
        self.legs.append(&mut session.legs);
        self.proposals.append(&mut session.proposals);
        self.exchanges.append(&mut session.exchanges);
        self.hunt = self.hunt.take().or(session.hunt.take());
        self.media.absorb(std::mem::replace(&mut session.media, super::path::MediaPath::Direct));
        self.recording = self.recording.take().or(session.recording.take());
    }

    /// Whether leg `id` is up and has somebody to talk to.
    pub(super) fn is_talking(&self, id: LegId) -> bool {
        self.talking_peer(id).is_some_and(|peer| self.leg(peer).is_some_and(Leg::is_answered))
    }
}
