//! The calls that an account sends at this moment (contract yeti.md, 6.6).

mod filter;
mod present;

use axum::http::StatusCode;
use call::AccountId;

use self::filter::{OutgoingFilter, Parameter};
use super::{parameters::Sent, print, request::ReportRequest};
use crate::{
    App,
    yeti::{
        answer::Answer,
        errors::report::{ParameterError, ReportRefusal},
        wire::outgoing_call::OutgoingCallsWire,
    },
};

/// The account's calls that go on, newest first.
pub async fn answer(request: ReportRequest) -> Result<Answer, ReportRefusal> {
    let (account, filter) = read(&request)?;
    print(move || list(&request.app, account, &filter)).await
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

fn list(app: &App, account: AccountId, filter: &OutgoingFilter) -> Answer {
    let (live, now) = (app.live.snapshot(), app.now());
    let calls = live.calls_of(account).rev();
    let calls = calls.filter(|call| call.origination().account == account && filter.accepts(call));
    let data: Vec<_> = calls.map(|call| present::call(call, now)).collect();
    Answer::plain(StatusCode::OK, &OutgoingCallsWire { rows: data.len(), data })
}
