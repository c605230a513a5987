//! What a change of a call comes to.

use ::call::{Call, ErrorCode, Leg, LegId, command::Target, event::LegDirection, state::LegState};
use axum::Json;
use http_core::App;
use live::Outcome;

use crate::{
    answer::Told,
    auth::Client,
    convert::{self, Party},
    errors::Failure,
    wire::{CallStateWire, ChangeCallWire, Contact, ModifiedCallWire},
};

/// Carries out a change of a call that goes on.
pub async fn carry_out(
    app: &App,
    client: &Client,
    call: &Call,
    wanted: &ChangeCallWire,
) -> Result<Told<Json<ModifiedCallWire>>, Failure> {
    let change = Change { app, client, call };
    match wanted {
        ChangeCallWire::Answer { to } => change.answer(to).await,
        ChangeCallWire::Transfer { from, to } => change.transfer(from, to).await,
        ChangeCallWire::Park { from } => change.park(from).await,
    }
}

struct Change<'a> {
    app: &'a App,
    client: &'a Client,
    call: &'a Call,
}

impl Change<'_> {
    /// The phone of `to` that rings for the call answers; one that has answered already is left alone. If a
    /// party is parked, `to` is rung and takes that party out of its slot by answering. Of several contacts of
    /// one phone it is one that rings: others may be there no more.
    async fn answer(&self, to: &Contact) -> Result<Told<Json<ModifiedCallWire>>, Failure> {
        let party = self.party("to", to)?;
        let leg = |is_so: fn(&Leg) -> bool| party.leg(self.call, is_so);
        if let Some(leg) = leg(rings).or_else(|| leg(is_called)).or_else(|| leg(is_answered)) {
            let at = self.client.leg(self.call.id(), leg.id);
            let outcome = self.app.live.answer(at).await.map_err(Failure::of_call)?;
            return Ok(self.changed(outcome, once_answered(outcome), &to.destination));
        }
        let parked = self.call.legs().iter().find(|leg| leg.is_parked());
        let parked = parked.ok_or_else(|| refusal("No leg of the call rings at to.destination"))?;
        let at = self.client.leg(self.call.id(), parked.id);
        let outcome = self.app.live.retrieve(at, self.target(to)?).await.map_err(Failure::of_call)?;
        Ok(self.changed(outcome, once_answered(outcome), &to.destination))
    }

    async fn transfer(&self, from: &Contact, to: &Contact) -> Result<Told<Json<ModifiedCallWire>>, Failure> {
        let target = self.target(to)?;
        let leg = self.talking("from", from)?;
        let at = self.client.leg(self.call.id(), leg);
        let outcome = self.app.live.transfer(at, target).await.map_err(Failure::of_call)?;
        Ok(self.changed(outcome, CallStateWire::Transferred, &to.destination))
    }

    /// Parks whom `from` talks to. If that has been done already, the slot is told again.
    async fn park(&self, from: &Contact) -> Result<Told<Json<ModifiedCallWire>>, Failure> {
        let party = self.party("from", from)?;
        let slot = self.call.legs().iter().find_map(|leg| leg.slot.clone());
        if let Some(slot) = slot.filter(|_| party.leg(self.call, Leg::is_ended).is_some()) {
            return Ok(self.changed(Outcome::Done, CallStateWire::Parked, &slot));
        }
        let at = self.client.leg(self.call.id(), self.talking("from", from)?);
        let (slot, outcome) = self.app.live.park(at).await.map_err(Failure::of_call)?;
        Ok(self.changed(outcome, CallStateWire::Parked, slot.as_deref().unwrap_or_default()))
    }

    /// The leg of a party that talks.
    fn talking(&self, name: &str, contact: &Contact) -> Result<LegId, Failure> {
        let leg = self.party(name, contact)?.leg(self.call, is_answered).map(|leg| leg.id);
        leg.ok_or_else(|| refusal(format!("No leg of the call is on-call at {name}.destination")))
    }

    fn party(&self, name: &str, contact: &Contact) -> Result<Party, Failure> {
        Party::read(self.client.view, &self.app.directory(), name, contact)
    }

    fn target(&self, to: &Contact) -> Result<Target, Failure> {
        convert::target(self.client.view, self.app, "to", to)
    }

    fn changed(
        &self,
        outcome: Outcome,
        state: CallStateWire,
        destination: &str,
    ) -> Told<Json<ModifiedCallWire>> {
        let body = Json(self.client.view.modified_call(self.call.id(), state, destination));
        Told { outcome, call: (self.client.account, self.call.id()), body }
    }
}

/// How a call stands whose phone was to answer.
fn once_answered(outcome: Outcome) -> CallStateWire {
    match outcome {
        Outcome::Done => CallStateWire::Active,
        Outcome::UnderWay => CallStateWire::Ringing,
    }
}

fn rings(leg: &Leg) -> bool {
    is_called(leg) && leg.state() == LegState::Ringing
}

fn is_called(leg: &Leg) -> bool {
    leg.is_pending() && leg.offer.direction == LegDirection::Outgoing
}

fn is_answered(leg: &Leg) -> bool {
    !leg.is_pending() && !leg.is_ended()
}

fn refusal(message: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidInput, message)
}
