//! `GET` and `PUT /v1/mailboxes/{extension}`: how many messages lie in the mailbox of an extension, which its phones show
//! (RFC 3842). Whoever keeps the messages says it here.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{
        Path, State,
        rejection::{BytesRejection, PathRejection},
    },
    http::HeaderMap,
};
use call::{ErrorCode, Number};
use directory::mailboxes::Mailbox;
use http_core::{App, body};
use serde_json::{Map, Value};

use crate::{auth::Client, errors::Failure, wire::mailboxes::MailboxWire};

/// What a body may say.
const MEMBERS: &str = "new, old, urgent_new and urgent_old";
/// Most messages of a kind.
const MOST: u64 = 1_000_000;

/// What lies there.
pub async fn show(
    client: Client,
    State(app): State<Arc<App>>,
    extension: Result<Path<String>, PathRejection>,
) -> Result<Json<MailboxWire>, Failure> {
    let extension = extension_of(&app, &client, extension)?;
    let mailbox = app.config.mailboxes.get(client.account, &extension);
    Ok(Json(MailboxWire::new(extension.as_str(), mailbox)))
}

/// Says what lies there now, and answers as [`show`] would. What the body does not name is 0.
pub async fn change(
    client: Client,
    State(app): State<Arc<App>>,
    extension: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<MailboxWire>, Failure> {
    let extension = extension_of(&app, &client, extension)?;
    let members = body::object(&headers, body, |sent| sent == "application/json")?;
    let mailbox = read(&members)?;
    if !app.config.mailboxes.set(client.account, &extension, mailbox).await {
        return Err(Failure::new(ErrorCode::Unavailable, "The server cannot keep this now"));
    }
    Ok(Json(MailboxWire::new(extension.as_str(), mailbox)))
}

fn extension_of(
    app: &App,
    client: &Client,
    path: Result<Path<String>, PathRejection>,
) -> Result<Number, Failure> {
    let number = path.ok().map(|Path(text)| Number::from(text));
    let directory = app.directory();
    let extension = number.and_then(|number| directory.extension(client.account, &number));
    let missing = || Failure::new(ErrorCode::NotFound, "The account has no such extension");
    extension.map(|extension| extension.number.clone()).ok_or_else(missing)
}

fn read(members: &Map<String, Value>) -> Result<Mailbox, Failure> {
    let mut mailbox = Mailbox::default();
    for (name, value) in members {
        let count = match name.as_str() {
            "new" => &mut mailbox.new,
            "old" => &mut mailbox.old,
            "urgent_new" => &mut mailbox.urgent_new,
            "urgent_old" => &mut mailbox.urgent_old,
            _ => return Err(Failure::bad_member(name, "unknown", MEMBERS)),
        };
        *count = read_count(name, value)?;
    }
    for (name, urgent, all) in
        [("urgent_new", mailbox.urgent_new, mailbox.new), ("urgent_old", mailbox.urgent_old, mailbox.old)]
    {
        if urgent > all {
            let accepted = format!("at most the {all} of which they are a part");
            return Err(Failure::bad_member(name, urgent.to_string(), accepted));
        }
    }
    Ok(mailbox)
}

fn read_count(name: &str, value: &Value) -> Result<u32, Failure> {
    let count = value.as_u64().filter(|count| *count <= MOST).and_then(|count| u32::try_from(count).ok());
    count.ok_or_else(|| {
        Failure::bad_member(name, value.to_string(), format!("a whole number from 0 to {MOST}"))
    })
}
