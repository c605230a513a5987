//! What can be asked of live calls, by its names in a query.

use call::state::Phase;
use history::query::SideFilter;

use crate::{GroupBy, Order};

/// Who must have sent a finished call.
pub const SIDES: [(&str, SideFilter); 2] =
    [("outbound", SideFilter::Originated), ("inbound", SideFilter::OnlyTerminated)];
/// Whether it was answered.
pub const ANSWERS: [(&str, bool); 2] = [("answered", true), ("unanswered", false)];

/// What calls do.
pub const PHASES: [(&str, Phase); 5] = [
    ("dialing", Phase::Dialing),
    ("ringing", Phase::Ringing),
    ("talking", Phase::Talking),
    ("on-hold", Phase::OnHold),
    ("transferring", Phase::Transferring),
];
/// The directions.
pub const DIRECTIONS: [(&str, bool); 2] = [("outbound", true), ("inbound", false)];
/// The orders.
pub const ORDERS: [(&str, Order); 6] = [
    ("newest", Order::Newest),
    ("oldest", Order::Oldest),
    ("from", Order::From),
    ("to", Order::To),
    ("state", Order::State),
    ("trunk", Order::Trunk),
];
/// The groups.
pub const GROUPINGS: [(&str, GroupBy); 6] = [
    ("account", GroupBy::Account),
    ("state", GroupBy::State),
    ("trunk", GroupBy::Trunk),
    ("extension", GroupBy::Extension),
    ("country", GroupBy::Country),
    ("direction", GroupBy::Direction),
];
