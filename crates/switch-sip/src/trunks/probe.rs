//! Whether a trunk is there (OPTIONS, RFC 3261 section 11).

use std::time::Duration;

use rsipstack::sip::Method;

use super::{
    keeper::Kept,
    request::{Series, target},
};
use crate::{core::Core, message::uri};

/// Asks the trunk again and again.
pub(super) async fn keep(core: &Core, trunk: &Kept) {
    let Some(every) = trunk.entry.probe else { return };
    let series = Series::new();
    loop {
        let answer = series.ask(core, &trunk.entry, |flow| {
            let target = target(&trunk.entry)?;
            let (from, to) = (uri::sip("", flow.host()), target.to_string());
            Some(series.next(flow, Method::Options, target, (&from, &to)))
        });
        // Whatever it answers, it is there.
        trunk.set_up(core, answer.await.is_some());
        core.pause(spread(every)).await;
    }
}

/// A little more or less, so that trunks are not all asked at the same moment.
fn spread(every: Duration) -> Duration {
    every.mul_f64(rand::random_range(0.9..1.1))
}
