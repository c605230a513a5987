//! What all parts of the switch share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use call::party::Endpoint;
use directory::{
    Snapshot,
    model::{Device, Trunk},
};
use switch::{Clock, EventSink, NoRoom, wait_until};

use crate::{
    config::{DirectorySource, SipConfig},
    dialogs::Dialogs,
    digest::Authenticator,
    driver::Driver,
    media::{MediaRelay, Recorder},
    names::Names,
    notifier::Notifier,
    page::Pages,
    refusal::Refused,
    registrar::Bindings,
    sounds::Sounds,
    stack::Stack,
    transport::{Network, Overload},
    trunks::Trunks,
};

/// What all parts of the switch share.
pub(crate) struct Core {
    pub(crate) config: SipConfig,
    pub(crate) directory: Arc<dyn DirectorySource>,
    pub(crate) events: EventSink,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stack: Stack,
    pub(crate) network: Network,
    pub(crate) overload: Overload,
    /// What media goes through; `None` if it goes from end to end.
    pub(crate) relay: Option<Arc<MediaRelay>>,
    /// What parties can be let hear; `None` without a relay.
    pub(crate) sounds: Option<Sounds>,
    /// What legs are recorded by; `None` if they are not.
    pub(crate) recorder: Option<Recorder>,
    pub(crate) authenticator: Authenticator,
    pub(crate) bindings: Bindings,
    pub(crate) dialogs: Dialogs,
    pub(crate) trunks: Trunks,
    pub(crate) names: Names,
    pub(crate) pages: Pages,
    pub(crate) notifier: Arc<Notifier>,
    pub(crate) refused: Refused,
    pub(crate) is_stopping: AtomicBool,
    /// The way to what switches calls.
    pub(crate) driver: Driver,
}

impl Core {
    /// Whether a new call may begin. Whether there is room for it is decided when it is added.
    pub(crate) fn room(&self) -> Result<(), NoRoom> {
        match self.is_stopping.load(Ordering::Relaxed) || self.driver.is_gone() {
            true => Err(NoRoom::Stopping),
            false => self.events.room(),
        }
    }

    /// Whether a new call may begin; counted if not.
    pub(crate) fn takes_calls(&self) -> bool {
        self.room().inspect_err(|why| self.refused.count(*why)).is_ok()
    }

    /// Returns after so long, by the switch's clock.
    pub(crate) async fn pause(&self, length: Duration) {
        wait_until(&*self.clock, self.clock.monotonic() + length).await;
    }
}

/// A device as the far end of a leg.
pub(crate) fn device_endpoint(directory: &Snapshot, device: &Device) -> Endpoint {
    let extension = directory.extension_of_device(device.id);
    let name = extension.map(|extension| match &extension.name {
        Some(name) => name.clone(),
        None => extension.number.as_str().into(),
    });
    Endpoint::Device { id: device.id, name: name.unwrap_or_else(|| device.sip_user.clone()) }
}

/// A trunk as the far end of a leg.
pub(crate) fn trunk_endpoint(trunk: &Trunk) -> Endpoint {
    Endpoint::Trunk { id: trunk.id, name: trunk.name.clone() }
}
