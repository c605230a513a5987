//! `GET /origination-active-calls`: calls that an account sends, per minute (contract yeti.md, 6.2).

use call::event::Side;

use crate::{
    answer::Answer,
    errors::report::ReportRefusal,
    report::{active_calls, request::ReportRequest},
};

/// Counts the calls.
pub async fn show(request: ReportRequest) -> Result<Answer, ReportRefusal> {
    active_calls::answer(&request, Side::Origination).await
}
