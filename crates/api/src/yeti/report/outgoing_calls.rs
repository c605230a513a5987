//! The calls that an account sends at this moment (contract yeti.md, 6.6).

mod filter;
mod present;

use std::sync::Arc;

use axum::http::StatusCode;
use call::AccountId;

use self::filter::{OutgoingFilter, Parameter};
use super::{Scope, parameters::Sent, print};
use crate::{
    App,
    yeti::{
        answer::Answer,
        client::Client,
        errors::report::{ParameterError, ReportRefusal},
        query::Query,
        wire::outgoing_call::OutgoingCallsWire,
    },
};

/// The account's calls that go on, newest first.
pub async fn answer(app: &Arc<App>, client: &Client, query: &Query) -> Result<Answer, ReportRefusal> {
    let scope = Scope { access: &client.access, directory: &app.directory() };
    let (account, filter) = read(query, scope)?;
    let app = app.clone();
    print(move || list(&app, account, &filter)).await
}

fn read(query: &Query, scope: Scope<'_>) -> Result<(AccountId, OutgoingFilter), ParameterError> {
    let sent = Sent::of(query, Parameter::named);
    sent.require(&["account-id"])?;
    let (mut account, mut filter) = (None, OutgoingFilter::default());
    sent.read(|parameter, text| match parameter {
        Parameter::Account => {
            account = Some(scope.account(text)?);
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
