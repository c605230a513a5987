//! How long, and how fine, charts and reports are.

use std::time::Duration;

/// The step of charts and reports.
pub const MINUTE: Duration = Duration::from_secs(60);
/// The longest time that a chart or a report may span.
pub const LONGEST: Duration = Duration::from_secs(LONGEST_DAYS * 86_400);
/// The same in days.
pub const LONGEST_DAYS: u64 = 366;
/// The least stretch of time: what makes an end that belongs to a range one that does not.
pub const TICK: Duration = Duration::from_micros(1);
