//! After-call work.

use std::time::Duration;

use call::{EventKind, event::EndCause, record::ReleasedBy};

use crate::conformance::{Play, Stage, witness::Witness};

/// By how much the clocks of two calls may differ.
const SLACK: Duration = Duration::from_millis(10);

/// Told once, in a call of the phone's own that names the one which it was in, and no more time than has passed.
pub async fn ending_after_call_work(stage: &mut impl Stage) {
    let mut witness = Witness::of(stage);
    stage.play(Play::EndsWork).await;
    let worked_on = witness.record().await;
    let told = witness.told(|kind| matches!(kind, EventKind::WorkEnded { .. })).await;
    let EventKind::WorkEnded { leg, of, work } = told else { unreachable!("{told:?} is it") };
    assert_eq!(of, worked_on.call_id);
    let record = witness.record().await;
    let phones = |legs: &[call::record::LegRecord]| legs.iter().map(|leg| leg.leg_id).collect::<Vec<_>>();
    assert_eq!(phones(&record.legs), [leg]);
    assert_eq!((record.cause, record.released_by), (EndCause::Normal, ReleasedBy::Switch));
    assert!(work <= record.ended_at.since(worked_on.ended_at) + SLACK, "{work:?}");
    assert!(witness.stop().await.is_empty());
}
