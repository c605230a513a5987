//! After-call work: which call each phone was on last, until the phone says that it is done with it.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use call::{CallId, DeviceId};

/// The call that each phone was on last: one for a phone, and none for longer than it may be told of.
#[derive(Debug)]
pub(crate) struct LastCalls {
    /// How long after its end a call may be told of.
    within: Duration,
    by_device: HashMap<DeviceId, LastCall>,
    /// The same, that which ended first before the others.
    by_end: BTreeSet<(Duration, DeviceId)>,
}

#[derive(Clone, Copy, Debug)]
struct LastCall {
    call: CallId,
    /// By the monotonic clock.
    ended: Duration,
}

/// What a phone has worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Worked {
    pub(crate) on: CallId,
    /// How long: since the phone left the call.
    pub(crate) work: Duration,
}

impl LastCalls {
    pub(crate) fn new(within: Duration) -> Self {
        Self { within, by_device: HashMap::new(), by_end: BTreeSet::new() }
    }

    /// A phone has left a call, `now` by the monotonic clock.
    pub(crate) fn note(&mut self, device: DeviceId, call: CallId, now: Duration) {
        self.forget_older(now.saturating_sub(self.within));
        self.forget(device);
        self.by_device.insert(device, LastCall { call, ended: now });
        self.by_end.insert((now, device));
    }

    /// A phone is on another call.
    pub(crate) fn forget(&mut self, device: DeviceId) {
        self.take(device);
    }

    /// A call has become part of another.
    pub(crate) fn merge(&mut self, absorbed: CallId, into: CallId) {
        self.by_device.values_mut().filter(|last| last.call == absorbed).for_each(|last| last.call = into);
    }

    /// A phone is done with the call that it was on last, `now` by the monotonic clock; `None` if it was on
    /// none, or that is too long ago. It can be so once.
    pub(crate) fn end_work(&mut self, device: DeviceId, now: Duration) -> Option<Worked> {
        let last = self.take(device)?;
        let work = now.saturating_sub(last.ended);
        (work <= self.within).then_some(Worked { on: last.call, work })
    }

    fn take(&mut self, device: DeviceId) -> Option<LastCall> {
        let last = self.by_device.remove(&device)?;
        self.by_end.remove(&(last.ended, device));
        Some(last)
    }

    fn forget_older(&mut self, than: Duration) {
        while let Some((_, device)) = self.by_end.first().copied().filter(|(ended, _)| *ended < than) {
            self.forget(device);
        }
    }
}

#[cfg(test)]
mod tests {
    use call::Timestamp;

    use super::*;

    const PHONE: DeviceId = DeviceId(1);

    fn calls() -> LastCalls {
        LastCalls::new(seconds(3_600))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn call(number: u8) -> CallId {
        CallId::new(Timestamp::from_seconds(1), [number; 10])
    }

    #[test]
    fn work_is_told_of_once_and_lasts_since_the_last_call() {
        let mut calls = calls();
        calls.note(PHONE, call(1), seconds(10));
        calls.note(PHONE, call(2), seconds(20));
        assert_eq!(calls.end_work(PHONE, seconds(65)), Some(Worked { on: call(2), work: seconds(45) }));
        assert_eq!(calls.end_work(PHONE, seconds(66)), None);
        assert_eq!(calls.end_work(DeviceId(2), seconds(66)), None);
    }

    #[test]
    fn a_phone_that_is_on_another_call_is_done_with_the_one_before() {
        let mut calls = calls();
        calls.note(PHONE, call(1), seconds(10));
        calls.forget(PHONE);
        assert_eq!(calls.end_work(PHONE, seconds(20)), None);
    }

    #[test]
    fn a_call_may_be_told_of_up_to_the_limit() {
        let mut calls = calls();
        for (after, is_told) in [(3_600, true), (3_601, false)] {
            calls.note(PHONE, call(1), seconds(10));
            assert_eq!(calls.end_work(PHONE, seconds(10 + after)).is_some(), is_told, "{after}");
        }
    }

    #[test]
    fn a_call_that_became_part_of_another_is_that_one() {
        let mut calls = calls();
        calls.note(PHONE, call(1), seconds(10));
        calls.note(DeviceId(2), call(3), seconds(10));
        calls.merge(call(1), call(2));
        let mut on = |device| calls.end_work(device, seconds(20)).map(|worked| worked.on);
        assert_eq!((on(PHONE), on(DeviceId(2))), (Some(call(2)), Some(call(3))));
    }

    #[test]
    fn calls_that_may_no_longer_be_told_of_are_not_kept() {
        let mut calls = calls();
        for device in 0..1_000_u32 {
            calls.note(DeviceId(device % 300), call(1), seconds(10 * u64::from(device)));
        }
        assert_eq!((calls.by_device.len(), calls.by_end.len()), (300, 300));
        calls.note(PHONE, call(2), seconds(100_000));
        assert_eq!((calls.by_device.len(), calls.by_end.len()), (1, 1));
    }
}
