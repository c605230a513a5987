//! `/profiles`: what a portal shows the client (contract yeti.md, 6.11).

use std::{collections::HashSet, sync::LazyLock};

use directory::model::Profile;

use crate::{
    answer::Answer,
    errors::Refusal,
    links::{BASE_PATH, Links},
    request::ApiRequest,
    resource::{Resource, attribute::Attribute, value::Value},
    routes,
};

/// The client's own profile: there is no list of them.
pub async fn show(request: ApiRequest) -> Result<Answer, Refusal> {
    let presenter = request.presenter::<Profile>().await?;
    Ok(presenter.one(Some(&request.client.profile)))
}

/// Permission `AT` of the list that the directory has of them.
const fn permission<const AT: usize>() -> Attribute<Profile> {
    Attribute::boolean(Profile::PERMISSIONS[AT], permits::<AT>).sent_only()
}

/// What there is no route for is permitted to nobody.
fn permits<const AT: usize>(profile: &Profile) -> Value {
    let name = Profile::PERMISSIONS[AT];
    (profile.permits(name) && is_served(name)).into()
}

/// Whether the dialect has the route that a permission is about.
pub fn is_served(permission: &str) -> bool {
    static PATHS: LazyLock<HashSet<String>> =
        LazyLock::new(|| routes::routes().into_iter().map(|route| route.endpoint.path).collect());
    path(permission).is_some_and(|path| PATHS.contains(&format!("{BASE_PATH}{path}")))
}

/// Where a portal gets what a permission lets it show.
fn path(permission: &str) -> Option<&'static str> {
    Some(match permission {
        "account" => "/accounts",
        "outgoing-rateplans" => "/rateplans",
        "outgoing-cdrs" => "/cdrs",
        "outgoing-cdr-exports" => "/cdr-exports",
        "outgoing-active-calls" => "/outgoing-active-calls",
        "outgoing-numberlists" => "/outgoing-numberlists",
        "outgoing-statistics-active-calls" => "/origination-active-calls",
        "incoming-cdrs" => "/incoming-cdrs",
        "incoming-statistics-active-calls" => "/termination-active-calls",
        "invoices" => "/invoices",
        "payments" => "/payments",
        "payments-cryptomus" => "/cryptomus-payments",
        "services" => "/services",
        "transactions" => "/transactions",
        name if name.starts_with("outgoing-statistics") => "/origination-statistics",
        name if name.starts_with("incoming-statistics") => "/termination-statistics",
        _ => return None,
    })
}

macro_rules! permissions {
    ($($at:literal)*) => { [$(permission::<$at>()),*] };
}

const PERMISSIONS: [Attribute<Profile>; Profile::PERMISSIONS.len()] = permissions! {
     0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22
    23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44
};

impl Resource for Profile {
    const KIND: &'static str = "profiles";
    const ID: &'static Attribute<Self> =
        &Attribute::integer("id", |profile: &Self| profile.id.0.into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] = &PERMISSIONS;

    fn link(&self, _: &Links) -> Option<String> {
        None
    }
}
