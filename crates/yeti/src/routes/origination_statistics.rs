//! `GET /origination-statistics`: what became of the calls that an account sent (contract yeti.md, 6.7).

use call::event::Side;

use crate::{
    answer::Answer,
    errors::report::ReportRefusal,
    report::{request::ReportRequest, statistics},
};

/// Adds up the calls.
pub async fn show(request: ReportRequest) -> Result<Answer, ReportRefusal> {
    statistics::answer(&request, Side::Origination).await
}
