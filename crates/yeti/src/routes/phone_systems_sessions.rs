//! `POST /phone-systems-sessions`: a way into the hosted phone system that a service is (a phone system of another
//! maker, which Yeti provisions). This server provisions none: there is nothing to log in to.

use uuid::Uuid;

use super::{resource::Listed, services::ServiceView};
use crate::{
    answer::Answer,
    body::{JsonBody, NewResource},
    convert,
    errors::{Refusal, invalid_whole},
    links::Links,
    request::ApiRequest,
    resource::{
        Resource,
        attribute::{Attribute, Kind},
        value::Value,
    },
};

/// A session. There never is one.
pub struct PhoneSystemsSession;

impl Resource for PhoneSystemsSession {
    const KIND: &'static str = "phone-systems-sessions";
    const ID: &'static Attribute<Self> = &Attribute::new("id", Kind::Uuid, |_| Uuid::nil().into()).plain();
    const ATTRIBUTES: &'static [Attribute<Self>] =
        &[Attribute::text("phone-systems-url", |_: &Self| Value::Null).sent_only()];
    const CREATABLE: &'static [&'static str] = &["service"];

    fn link(&self, _: &Links) -> Option<String> {
        None
    }
}

/// Refused as it is there for a phone system that does not answer; a service that the client has not, as one that is
/// not there.
pub async fn create(request: ApiRequest, JsonBody(body): JsonBody) -> Result<Answer, Refusal> {
    let _ = request.presenter::<PhoneSystemsSession>().await?;
    let wanted = NewResource::read::<PhoneSystemsSession>(&body)?;
    let id = wanted.attributes.get("service").filter(|sent| !sent.is_null()).map(convert::shown);
    let service = ServiceView::find(&request, &id.unwrap_or_default()).await?;
    let message = match service {
        None => "service not found",
        Some(_) => "failed to create Phone Systems session",
    };
    Err(Refusal::all(vec![invalid_whole(message)]).unwrap_or_else(Refusal::internal))
}
