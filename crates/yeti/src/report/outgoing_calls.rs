//! The calls that an account sends at this moment (contract yeti.md, 6.6).

mod filter;
mod present;

use std::{borrow::Cow, cmp::Reverse};

use axum::http::StatusCode;
use call::{AccountId, AccountRow, Call};

use self::filter::{OutgoingFilter, Parameter};
use super::{parameters::Sent, print, request::ReportRequest};
use crate::{
    answer::Answer,
    errors::report::{ParameterError, ReportRefusal},
    wire::outgoing_call::{OutgoingCallsWire, ShownCallWire},
};

/// The account's calls that go on, newest first.
pub async fn answer(request: ReportRequest) -> Result<Answer, ReportRefusal> {
    let (account, filter) = read(&request)?;
    print(move || list(&request, account, &filter)).await
}

fn read(request: &ReportRequest) -> Result<(AccountId, OutgoingFilter), ParameterError> {
    let sent = Sent::of(&request.query, Parameter::named);
    sent.require(&["account-id"])?;
    let (mut account, mut filter) = (None, OutgoingFilter::default());
    sent.read(|parameter, text| match parameter {
        Parameter::Account => {
            account = Some(request.account(text)?);
            Some(())
        }
        Parameter::Test(test) => filter.take(test, text),
    })?;
    account.map(|account| (account, filter)).ok_or_else(|| ParameterError::Missing(vec!["account-id"]))
}

fn list(request: &ReportRequest, account: AccountId, filter: &OutgoingFilter) -> Answer {
    let (live, now) = (request.app.live.snapshot(), request.app.now());
    let mut calls: Vec<_> = live.calls_of(account).rev().flat_map(|call| sent(call, account)).collect();
    calls.retain(|call| filter.accepts(call));
    // What was sent on within a call began later than that.
    calls.sort_by_key(|call| Reverse(call.started_at()));
    let shown = |call| ShownCallWire { call: present::call(call, now), hidden: &request.hidden };
    let data: Vec<_> = calls.iter().map(|call| shown(call)).collect();
    Answer::plain(StatusCode::OK, &OutgoingCallsWire { rows: data.len(), data })
}

/// What goes on of a call that the account sends: the call, or parts of it.
fn sent(call: &Call, account: AccountId) -> impl Iterator<Item = Cow<'_, Call>> {
    let is_sent = move |row: &AccountRow<Cow<'_, Call>>| {
        row.owner.account == account && row.sides.originates() && !row.call.is_over()
    };
    call.rows().into_iter().filter(is_sent).map(|row| row.call)
}
