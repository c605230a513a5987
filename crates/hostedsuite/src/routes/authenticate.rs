//! `POST /api/authenticate` (`AuthenticateRequest`, section 5): whose credentials these are.

use directory::model::Role;
use http_core::auth::LoggedIn;

use crate::{errors::Failure, members::Members, state::HostedSuite, wire::user::UserInfo};

/// The user. Wrong credentials never get here.
pub async fn show(_app: &HostedSuite, client: &LoggedIn, _members: &Members) -> Result<UserInfo, Failure> {
    let (user, directory) = (&client.user, &client.directory);
    let user_type = match user.role {
        Role::Manager => "Manager",
        Role::Viewer => "Viewer",
        Role::Client => "Client",
    };
    Ok(UserInfo {
        authenticated: true,
        user_type: Some(user_type.to_owned()),
        name: Some(user.name.to_string()),
        company_name: directory.customer(user.customer).map(|customer| customer.name.to_string()),
        user_id: Some(user.id.to_string()),
        ..UserInfo::default()
    })
}
