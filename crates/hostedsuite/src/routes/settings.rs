//! `GET /api/settings/time-zones` (`ListTimeZonesRequest`, section 5).

use call::Timestamp;
use http_core::{auth::LoggedIn, time::in_zone};
use jiff::tz::{TimeZone, db};

use crate::{errors::Failure, members::Members, state::HostedSuite, wire::time_zones::TimeZoneInfo};

/// Every zone that dates can be in, by name.
pub async fn time_zones(
    app: &HostedSuite,
    _client: &LoggedIn,
    _members: &Members,
) -> Result<Vec<TimeZoneInfo>, Failure> {
    let now = app.now();
    let zones = db().available().filter_map(|name| TimeZone::get(name.as_str()).ok());
    let mut shown: Vec<_> = zones.filter_map(|zone| info(&zone, now)).collect();
    shown.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(shown)
}

fn info(zone: &TimeZone, now: Timestamp) -> Option<TimeZoneInfo> {
    let name = zone.iana_name()?;
    let offset = in_zone(now, zone).strftime("%:z").to_string();
    Some(TimeZoneInfo { id: Some(name.to_owned()), display_name: Some(format!("(UTC{offset}) {name}")) })
}
