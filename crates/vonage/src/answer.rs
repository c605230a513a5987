//! The answer to a command: what became of it.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use call::{AccountId, CallId};
use live::Outcome;
use serde::Serialize;

/// A command's outcome, and the call that shows what comes of it.
#[derive(Clone, Copy, Debug)]
pub struct Told<T> {
    /// What became of it.
    pub outcome: Outcome,
    /// The account and call that it was for.
    pub call: (AccountId, CallId),
    /// What is answered.
    pub body: T,
}

/// Done: the status that the vendor documents. Under way: 202, and in `Location` where to see what comes of it.
impl<T: Serialize> IntoResponse for Told<Json<T>> {
    fn into_response(self) -> Response {
        let body = self.body.into_response();
        told(self.outcome, self.call, body)
    }
}

/// The same without a body.
impl IntoResponse for Told<StatusCode> {
    fn into_response(self) -> Response {
        let body = self.body.into_response();
        told(self.outcome, self.call, body)
    }
}

fn told(outcome: Outcome, (account, call): (AccountId, CallId), mut response: Response) -> Response {
    match outcome {
        Outcome::Done => {}
        Outcome::UnderWay => {
            let path = format!("/cc/accounts/{account}/calls/{call}");
            let path = HeaderValue::from_str(&path).expect("digits and a UUID are a header value");
            *response.status_mut() = StatusCode::ACCEPTED;
            response.headers_mut().insert(header::LOCATION, path);
        }
    }
    response
}
