//! Joining two parties, each in a dialog of its own, with re-INVITEs (third party call control, RFC 3725).
//!
//! ```text
//!   who comes has an INVITE without offer ─► AwaitingAck ──ACK has its description──┐
//!   both talk or wait ──► Asking one, with the other's description ──its answer─────┤
//!   who comes has offered, or has answered the other's offer ───────────────────────┴► Offering ─► joined
//! ```
//! If the one who stays has not been answered yet, it is answered instead of being offered anything.

use call::{EventKind, LegId, event::EndCause};

use super::{
    Call, Phase,
    ending::{Ending, Notice},
    parking::Stay,
};
use crate::{
    Context,
    failure::Failure,
    leg::{
        BegunBy, Hold, Leg,
        negotiation::{Proposal, Purpose},
    },
    message::Body,
    sdp::Sdp,
};

/// Two that are being joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Join {
    /// Who is there, and gets another one to talk to.
    pub(super) stays: LegId,
    /// That other one.
    pub(super) comes: LegId,
    pub(super) step: Step,
}

/// How far that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Who comes was answered with an offer of ours; its ACK brings the answer.
    AwaitingAck,
    /// This one is offered the description of the other, to offer its answer to that other then.
    Asking(Who),
    /// This one is offered the description of the other, who has its own.
    Offering(Who),
}

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Stays,
    Comes,
}

impl Join {
    const fn leg(&self, who: Who) -> LegId {
        match who {
            Who::Stays => self.stays,
            Who::Comes => self.comes,
        }
    }

    const fn other(&self, who: Who) -> LegId {
        match who {
            Who::Stays => self.comes,
            Who::Comes => self.stays,
        }
    }
}

impl Who {
    const fn other(self) -> Self {
        match self {
            Self::Stays => Self::Comes,
            Self::Comes => Self::Stays,
        }
    }
}

impl Call {
    fn set_step(&mut self, step: Step) {
        if let Some(join) = self.join_mut() {
            join.step = step;
        }
    }

    /// Offers a party what another one, that it is to be joined with, has described.
    pub(super) fn propose_join(&mut self, to: LegId, with: LegId, sdp: Sdp) {
        let connected = self.connected(Some(with), to);
        self.propose(to, Proposal::new(Body::Sdp(sdp), connected, Purpose::Join));
    }

    /// Has one of the two answer the description of the other, to offer that one the answer then.
    pub(super) fn ask_first(&mut self, who: Who, cx: &mut Context<'_>) {
        let Some(join) = self.join().copied() else { return };
        let (asked, other) = (join.leg(who), join.other(who));
        self.set_step(Step::Asking(who));
        match self.pass_talking(other, asked, cx) {
            Ok(sdp) => self.propose_join(asked, other, sdp),
            Err(failure) => self.on_join_declined(other, &failure, cx),
        }
    }

    /// Who comes has an INVITE without an offer: it is answered with the description of who stays.
    pub(super) fn offer_in_answer(
        &mut self,
        stays: LegId,
        comes: LegId,
        cx: &mut Context<'_>,
    ) -> Result<(), Failure> {
        let sdp = self.pass_talking(stays, comes, cx)?;
        self.answer_invite(comes, Some(stays), Body::Sdp(sdp), cx);
        Ok(())
    }

    /// Who comes has acknowledged that, with its answer.
    pub(super) fn meet(&mut self, answer: Option<&Sdp>, cx: &mut Context<'_>) {
        let Some(Join { comes, .. }) = self.join().copied() else { return };
        match answer {
            Some(answer) => self.offer_to(Who::Stays, answer, cx),
            None => self.on_breakdown(comes, cx),
        }
    }

    /// Offers one of the two the description of the other; one who stays and waits for the answer of its
    /// INVITE has it now.
    pub(super) fn offer_to(&mut self, who: Who, theirs: &Sdp, cx: &mut Context<'_>) {
        let Some(join) = self.join().copied() else { return };
        let (to, from) = (join.leg(who), join.other(who));
        self.set_step(Step::Offering(who));
        if self.leg(to).is_some_and(Leg::is_calling) {
            return self.answer_both(to, from, theirs, cx);
        }
        match self.pass(from, to, theirs, cx) {
            Ok(sdp) => self.propose_join(to, from, sdp),
            Err(failure) => self.on_join_declined(to, &failure, cx),
        }
    }

    /// Who stays still waits for an answer. If both have called, each gets the other's offer as its answer,
    /// which may name more than was offered (RFC 3264 section 6.1).
    fn answer_both(&mut self, stays: LegId, comes: LegId, theirs: &Sdp, cx: &mut Context<'_>) {
        let have_both_called = self.leg(comes).is_some_and(Leg::is_calling);
        let own = have_both_called.then(|| self.pass_talking(stays, comes, cx)).transpose();
        let passed = own.and_then(|own| Ok((own, self.pass(comes, stays, theirs, cx)?)));
        let Ok((for_comer, for_stayer)) = passed else {
            return self.give_up_caller(&Failure::ours(488, EndCause::Rejected), cx);
        };
        self.answer_invite(comes, Some(stays), for_comer.into(), cx);
        self.answer_invite(stays, Some(comes), Body::Sdp(for_stayer), cx);
        self.phase = Phase::Talking;
        self.connect(stays, comes, cx);
        let has_called = self.leg(comes).is_some_and(|leg| leg.begun_by == BegunBy::Party);
        let (a, b) = if has_called { (stays, comes) } else { (comes, stays) };
        self.tell(EventKind::LegsBridged { a, b }, cx);
    }

    /// A party has answered what it was offered in order to be joined.
    pub(super) fn on_join_answered(&mut self, id: LegId, answer: Option<&Sdp>, cx: &mut Context<'_>) {
        let Some(join) = self.join().copied() else { return };
        self.let_go_of_hold(id, answer, cx);
        match join.step {
            Step::Asking(who) if join.leg(who) == id => match answer {
                Some(answer) => self.offer_to(who.other(), answer, cx),
                None => self.on_breakdown(id, cx),
            },
            // The other has its description already; only where the media comes from may be new.
            Step::Offering(who) if join.leg(who) == id => self.on_joined(join, who, cx),
            Step::AwaitingAck | Step::Asking(_) | Step::Offering(_) => {}
        }
    }

    /// Whoever held the party before does not hold the next one unless it says so again.
    fn let_go_of_hold(&mut self, id: LegId, answer: Option<&Sdp>, cx: &mut Context<'_>) {
        if answer.and_then(Sdp::direction).is_some_and(|direction| !direction.holds()) {
            self.set_hold(id, Hold::No, cx);
        }
    }

    /// Two legs have each other's session description.
    fn on_joined(&mut self, join: Join, last: Who, cx: &mut Context<'_>) {
        let Join { stays, comes, .. } = join;
        if self.leg(comes).is_some_and(Leg::is_calling) {
            match self.pass_latest(stays, comes, cx) {
                Ok(sdp) => self.answer_invite(comes, Some(stays), sdp.into(), cx),
                Err(failure) => return self.on_join_declined(stays, &failure, cx),
            }
        }
        self.connect(stays, comes, cx);
        let (a, b) = (join.leg(last), join.other(last));
        match std::mem::replace(&mut self.phase, Phase::Talking) {
            Phase::Parked(_) => self.tell(EventKind::LegRetrieved { leg: stays, by: comes }, cx),
            Phase::Transferring(transfer) => {
                self.tell(EventKind::LegsBridged { a, b }, cx);
                self.begin_armed_recording(a, cx);
                self.complete_transfer(*transfer, comes, cx);
            }
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::BusyTone(_)
            | Phase::Ending => {
                self.tell(EventKind::LegsBridged { a, b }, cx);
            }
        }
        self.begin_armed_recording(a, cx);
    }

    /// A party does not take the session description of another that it is to be joined with.
    pub(super) fn on_join_declined(&mut self, leg: LegId, failure: &Failure, cx: &mut Context<'_>) {
        match &mut self.phase {
            Phase::Transferring(_) => self.fail_transfer(failure, cx),
            Phase::Parked(parked) => {
                let waiting = parked.leg;
                parked.stay = Stay::Waiting;
                self.end_others(waiting, failure, cx);
            }
            Phase::Placing { .. }
            | Phase::Hunting(_)
            | Phase::Joining(_)
            | Phase::Talking
            | Phase::BusyTone(_)
            | Phase::Ending => {
                self.on_breakdown(leg, cx);
            }
        }
    }

    /// Whoever was to take a parked party, which waits on, cannot.
    fn end_others(&mut self, parked: LegId, failure: &Failure, cx: &mut Context<'_>) {
        let others: Vec<_> = self.legs.iter().map(|leg| leg.id).filter(|id| *id != parked).collect();
        let ending = Ending::failed(failure);
        others.into_iter().for_each(|id| self.end_leg(id, Notice::Tell, ending.clone(), cx));
    }

    /// A leg is over: what it was to be offered in order to be joined is no longer for that, nor is what its
    /// partner in that was offered.
    pub(super) fn leave_join(&mut self, gone: LegId) {
        let Some(join) = self.join().copied() else { return };
        let other = match join {
            Join { stays, comes, .. } if comes == gone => stays,
            Join { stays, comes, .. } if stays == gone => comes,
            Join { .. } => return,
        };
        self.drop_join_proposals(other);
    }

    /// A description of who talks, with whatever held it taken out, as another party is offered it.
    pub(super) fn pass_talking(
        &mut self,
        from: LegId,
        to: LegId,
        cx: &mut Context<'_>,
    ) -> Result<Sdp, Failure> {
        let sdp = self.leg(from).and_then(|leg| leg.theirs.clone());
        let sdp = sdp.ok_or_else(|| Failure::ours(488, EndCause::Rejected))?.without_hold();
        self.pass(from, to, &sdp, cx)
    }

    fn pass_latest(&mut self, from: LegId, to: LegId, cx: &mut Context<'_>) -> Result<Option<Sdp>, Failure> {
        let sdp = self.leg(from).and_then(|leg| leg.theirs.clone());
        sdp.map(|sdp| self.pass(from, to, &sdp, cx)).transpose()
    }
}
