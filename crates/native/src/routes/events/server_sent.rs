//! Events as Server-Sent Events: `id` is the number, `event` the type without what all begin with.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::stream::unfold;

use super::reader::{Item, Reader};

/// How long a stream says nothing; proxies give up on one after a minute.
const SILENCE: Duration = Duration::from_secs(15);

/// The stream.
pub fn answer(reader: Reader) -> Response {
    let events = unfold(reader, async |mut reader| {
        let item = reader.next().await?;
        Some((Ok::<_, Infallible>(printed(&item)), reader))
    });
    let headers = [("x-accel-buffering", "no"), ("cache-control", "no-store")];
    (headers, Sse::new(events).keep_alive(KeepAlive::new().interval(SILENCE))).into_response()
}

fn printed(item: &Item) -> Event {
    let event = match item {
        Item::Event(event) => Event::default().id(&event.id).event(event.name()).json_data(event),
        Item::Gap(gap) => Event::default().id(gap.through()).event("gap").json_data(gap),
    };
    event.unwrap_or_else(|_| Event::default())
}
