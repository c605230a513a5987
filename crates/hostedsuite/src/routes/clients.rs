//! `POST /api/clients` and `/api/clients/names` (`ListClientsRequest`, `ListClientNamesRequest`, section 5): the
//! clients that the user may see.

use directory::{Snapshot, model::Account};
use http_core::auth::LoggedIn;

use crate::{
    dto::Faults,
    errors::Failure,
    members::Members,
    state::HostedSuite,
    wire::clients::{ClientInfo, ListClientNamesRequest, ListClientsRequest},
};

/// Clients with all that is known of them.
pub async fn list(
    _app: &HostedSuite,
    client: &LoggedIn,
    members: &Members,
) -> Result<Vec<ClientInfo>, Failure> {
    let mut faults = Faults::new(&ListClientsRequest::DTO, members);
    let asked = ListClientsRequest::read(&mut faults);
    let asked = faults.finish(asked)?;
    let directory = &client.directory;
    let wanted = visible(client).filter(|account| is_wanted(&asked, account, directory));
    Ok(wanted.map(|account| info(account, directory)).collect())
}

/// Clients by name alone.
pub async fn names(
    _app: &HostedSuite,
    client: &LoggedIn,
    members: &Members,
) -> Result<Vec<ClientInfo>, Failure> {
    let mut faults = Faults::new(&ListClientNamesRequest::DTO, members);
    let asked = ListClientNamesRequest::read(&mut faults);
    let asked = faults.finish(asked)?;
    let wanted = visible(client).filter(|account| is_in_center(account, asked.center_id.as_deref()));
    let named = wanted.map(|account| ClientInfo {
        id: Some(account.uuid.to_string()),
        name: Some(account.name.to_string()),
        center_id: account.center.map(|center| center.to_string()),
        ..ClientInfo::default()
    });
    Ok(named.collect())
}

fn visible(client: &LoggedIn) -> impl Iterator<Item = &Account> {
    let accounts = client.access().accounts().to_vec();
    accounts.into_iter().filter_map(|id| client.directory.account(id))
}

/// What the directory does not know of clients, none has.
fn is_wanted(asked: &ListClientsRequest, account: &Account, directory: &Snapshot) -> bool {
    let is = |wanted: &Option<String>, found: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted.eq_ignore_ascii_case(found))
    };
    let shows = |pop: &str| screen_pops(account, directory).any(|text| text.eq_ignore_ascii_case(pop));
    is(&asked.client_id, &account.uuid.to_string())
        && is(&asked.name, &account.name)
        && is_in_center(account, asked.center_id.as_deref())
        && is(&asked.third_party_account_id, "")
        && asked.screen_pop.as_deref().is_none_or(|pop| pop.is_empty() || shows(pop))
        && asked.category_ids.is_empty()
        && asked.custom_fields_filter.as_ref().is_none_or(|fields| fields.is_empty())
}

fn is_in_center(account: &Account, center: Option<&str>) -> bool {
    let own = account.center.map(|center| center.to_string());
    center.is_none_or(|center| center.is_empty() || own.as_deref() == Some(center))
}

fn info(account: &Account, directory: &Snapshot) -> ClientInfo {
    let center = account.center.and_then(|id| directory.center(id));
    ClientInfo {
        id: Some(account.uuid.to_string()),
        name: Some(account.name.to_string()),
        center_id: account.center.map(|center| center.to_string()),
        center_name: center.map(|center| center.name.to_string()),
        screen_pops: Some(screen_pops(account, directory).map(str::to_owned).collect()),
        ..ClientInfo::default()
    }
}

/// The texts shown with the account's numbers.
fn screen_pops<'a>(account: &Account, directory: &'a Snapshot) -> impl Iterator<Item = &'a str> {
    let id = account.id;
    let numbers = directory.entries().numbers.iter().filter(move |number| number.account == id);
    numbers.filter_map(|number| number.screen_pop.as_deref())
}
