//! `POST /api/centers` (`ListCentersRequest`, section 5): the centers that the user may see.

use directory::model::Center;
use http_core::auth::LoggedIn;

use crate::{errors::Failure, members::Members, state::HostedSuite, wire::centers::CenterInfo};

/// The customer's centers: those that the user is bound to, else those of the accounts that the user is bound
/// to, else all.
pub async fn list(
    app: &HostedSuite,
    client: &LoggedIn,
    _members: &Members,
) -> Result<Vec<CenterInfo>, Failure> {
    let zone = app.config.time_zone.iana_name().map(str::to_owned);
    let centers = client.directory.entries().centers.iter().filter(|center| is_visible(client, center));
    let shown = centers.map(|center| CenterInfo {
        id: Some(center.id.to_string()),
        name: Some(center.name.to_string()),
        time_zone_id: zone.clone(),
        ..CenterInfo::default()
    });
    Ok(shown.collect())
}

fn is_visible(client: &LoggedIn, center: &Center) -> bool {
    let user = &client.user;
    if center.customer != user.customer {
        return false;
    }
    if user.accounts.is_empty() {
        return user.centers.is_empty() || user.centers.contains(&center.id);
    }
    let access = client.access();
    let mut accounts = access.accounts().iter().filter_map(|id| client.directory.account(*id));
    accounts.any(|account| account.center == Some(center.id))
}
