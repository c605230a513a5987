//! What becomes of offers when a leg is over.

use call::LegId;

use crate::{
    Context,
    call::Call,
    leg::{
        Leg,
        negotiation::{Aim, Negotiation, Offered, Ours, Proposal, Purpose},
    },
    message::{Body, Response},
};

impl Call {
    /// Answers what waits for a leg that is over, and lets go of what it was asked in another's name.
    pub(in crate::call) fn drop_negotiations(&mut self, gone: LegId, cx: &mut Context<'_>) {
        self.drop_waiting(gone, cx);
        self.drop_what_it_asked(gone, cx);
        self.drop_what_it_was_asked(gone, cx);
    }

    pub(in crate::call) fn drop_what_it_asked(&mut self, gone: LegId, cx: &mut Context<'_>) {
        if let Some(negotiation) = self.leg_mut(gone).and_then(Leg::negotiation_mut) {
            match std::mem::replace(negotiation, Negotiation::Idle) {
                Negotiation::Theirs(theirs) => cx.respond(gone, theirs.request, Response::of(487)),
                Negotiation::AwaitingAck { offered: Some(Offered { by, .. }), .. } => {
                    self.acknowledge_reinvite(by, Body::Empty, cx);
                }
                other => *negotiation = other,
            }
        }
        for leg in &mut self.legs {
            if let Some(Negotiation::Ours(Ours { aim, .. })) = leg.negotiation_mut()
                && matches!(aim, Aim::PassOn { from, .. } if *from == gone)
            {
                *aim = Aim::Nothing;
            }
            let Some(up) = leg.up_mut() else { continue };
            for relay in up.relays.extract_if(.., |relay| relay.from == gone) {
                cx.respond(gone, relay.request, Response::of(487));
            }
            up.proposals.retain(|proposal| proposal.passes_on().is_none_or(|(from, _)| from != gone));
        }
    }

    pub(in crate::call) fn drop_what_it_was_asked(&mut self, gone: LegId, cx: &mut Context<'_>) {
        let Some(leg) = self.leg_mut(gone) else { return };
        let passed = match leg.negotiation() {
            Some(Negotiation::Ours(Ours { aim: Aim::PassOn { from, request }, .. })) => {
                Some((*from, *request))
            }
            _ => None,
        };
        let (relays, waiting) = match leg.up_mut() {
            Some(up) => {
                let waiting: Vec<_> = up.proposals.iter().filter_map(Proposal::passes_on).collect();
                (std::mem::take(&mut up.relays), waiting)
            }
            None => (Vec::new(), Vec::new()),
        };
        let passed: Vec<_> = passed.into_iter().chain(waiting).collect();
        for relay in relays {
            cx.respond(relay.from, relay.request, Response::of(491));
        }
        for (from, request) in passed {
            if self.take_theirs(from, request).is_some() {
                cx.respond(from, request, Response::of(491));
            }
        }
        for leg in &mut self.legs {
            if let Some(up) = leg.up_mut()
                && let Negotiation::AwaitingAck { offered, .. } = &mut up.negotiation
                && offered.as_ref().is_some_and(|offered| offered.by == gone)
            {
                *offered = None;
            }
        }
    }

    /// Whoever is left of two that were to be joined is not offered the other any more.
    pub(in crate::call) fn drop_join_proposals(&mut self, id: LegId) {
        let Some(up) = self.leg_mut(id).and_then(Leg::up_mut) else { return };
        up.proposals.retain(|proposal| proposal.purpose != Purpose::Join);
        if let Negotiation::Ours(Ours { aim: Aim::Propose(proposal), .. }) = &mut up.negotiation {
            proposal.purpose = Purpose::Adjust;
        }
    }
}
