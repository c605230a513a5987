//! `/profiles`: what a portal shows the client (contract yeti.md, 6.11).

use directory::model::Profile;

use crate::yeti::{
    answer::Answer,
    errors::Refusal,
    links::Links,
    request::ApiRequest,
    resource::{Resource, attribute::Attribute, value::Value},
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

fn permits<const AT: usize>(profile: &Profile) -> Value {
    profile.permits(Profile::PERMISSIONS[AT]).into()
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
