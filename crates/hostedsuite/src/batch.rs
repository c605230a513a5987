//! Several requests of one operation at once: a list comes in, the list of the answers goes out (section 4).

use axum::{
    http::{HeaderName, HeaderValue},
    response::Response,
};
use serde_json::Value as Json;

use super::{
    dto::Value,
    errors::Failure,
    members::Members,
    operation::Operation,
    reply::Reply,
    request::{self, Sender},
};
use crate::state::HostedSuite;

/// Most requests of one batch.
const MOST: usize = 100;

/// How many requests were answered; of use if one was refused.
const COMPLETED: HeaderName = HeaderName::from_static("x-autobatch-completed");

/// The requests of a body.
pub fn requests(tree: Json) -> Result<Vec<Members>, Failure> {
    match tree {
        Json::Array(requests) if requests.len() <= MOST => {
            requests.into_iter().map(request::object).collect()
        }
        Json::Array(_) => Err(Failure::malformed_body(format!("A batch has at most {MOST} requests"))),
        _ => Err(Failure::malformed_body("The body of a batch is not a list of requests")),
    }
}

/// Answers them one after the other. The first that is refused is the answer to all.
pub async fn answer(
    app: &HostedSuite,
    operation: &'static Operation,
    sender: &Sender,
    requests: Vec<Members>,
    reply: &Reply,
) -> Response {
    let mut answers = Vec::with_capacity(requests.len());
    let mut refused = None;
    for members in &requests {
        match request::run(app, operation, sender, members).await {
            Ok(value) => answers.push(value),
            Err(failure) => {
                let place_in_batch = u8::try_from(answers.len()).ok();
                refused = Some(Failure { place_in_batch, ..failure });
                break;
            }
        }
    }
    let completed = HeaderValue::from(answers.len());
    let outcome = refused.map_or_else(|| Ok(Value::List(&operation.response, answers)), Err);
    let mut response = reply.send(outcome);
    response.headers_mut().insert(COMPLETED, completed);
    response
}
