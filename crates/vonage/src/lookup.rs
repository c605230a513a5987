//! One call, as long as the dialect shows it: while it goes on, and for a while after an end without a talk.

use std::sync::Arc;

use call::{CallId, CallRecord, LegId};

use super::{
    auth::Client,
    convert,
    errors::Failure,
    wire::{CallWire, LegWire},
};
use crate::state::Vonage;

/// A call of the client's account.
pub async fn call(app: &Vonage, client: &Client, id: CallId) -> Result<CallWire, Failure> {
    if let Some(call) = app.live.snapshot().call(client.account, id) {
        return Ok(client.view.live_call(call));
    }
    let record = app.history.record(vec![client.account], id).await?;
    let lingering = record.filter(|record| lingers(app, record));
    let call = lingering.and_then(|record: Arc<CallRecord>| client.view.ended_call(&record));
    call.ok_or_else(|| Failure::not_found("call"))
}

/// A leg of a call of the client's account.
pub async fn leg(app: &Vonage, client: &Client, call_id: CallId, id: LegId) -> Result<LegWire, Failure> {
    let call = call(app, client, call_id).await?;
    let leg = call.legs.into_iter().find(|leg| leg.leg_id == id);
    leg.ok_or_else(|| Failure::not_found("leg"))
}

fn lingers(app: &Vonage, record: &CallRecord) -> bool {
    app.now() < convert::ended_at(record) + app.config.linger
}
