//! The visitor's phone: a demo phone answers in its place until a real one registers.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use call::AccountId;
use live::Live;

use super::{Stage, cast::VISITOR, phones::Bank};

/// How often it is looked whether a visitor is there.
const LOOK: Duration = Duration::from_millis(200);

/// Takes the demo phone's registration back when another contact of the visitor's device registers, and
/// registers it again when that is gone.
pub async fn step_aside(live: Arc<Live>, stage: Stage, account: AccountId) {
    let Stage { cast, phones, has_all, .. } = stage;
    let mut ticks = tokio::time::interval(LOOK);
    let mut is_home = true;
    loop {
        ticks.tick().await;
        let has_visitor = has_visitor(&live, &phones, account);
        if has_visitor != is_home {
            continue;
        }
        has_all.store(!has_visitor, Ordering::Relaxed);
        if let Err(error) = phones.register(VISITOR, &cast.visitor_secret, !has_visitor).await {
            tracing::warn!(%error, "the demo phone could not step aside");
        }
        is_home = !has_visitor;
    }
}

fn has_visitor(live: &Live, phones: &Bank, account: AccountId) -> bool {
    let now = live.clock().now();
    let marker = format!("sip:{VISITOR}@");
    let own = phones.address();
    live.switch().registrations(account).iter().any(|registration| {
        registration.contact.contains(&marker) && registration.source != own && registration.expires_at > now
    })
}
