//! `GET /v1/devices` and `GET /v1/trunks`: the phones of an account with where they are registered, and its trunks
//! with how they are. What they were before is told by `GET /v1/events`.

use std::sync::Arc;

use axum::{Json, extract::State};
use call::party::Transport;
use directory::model::{Device, Trunk};
use http_core::{App, time::rfc3339};
use live::{Registration, TrunkState};

use crate::{
    auth::Client,
    wire::devices::{BindingWire, DeviceWire, DevicesWire, TrunkWire, TrunksWire},
};

/// The phones, by their SIP users.
pub async fn phones(client: Client, State(app): State<Arc<App>>) -> Json<DevicesWire> {
    let (directory, now) = (app.directory(), app.now());
    let mut bindings = app.live.switch().registrations(client.account);
    bindings.retain(|binding| binding.expires_at > now);
    let mut devices: Vec<_> = directory.devices_of(client.account).collect();
    devices.sort_by(|a, b| a.sip_user.cmp(&b.sip_user));
    let extension = |device: &Device| {
        directory.extension_of_device(device.id).map(|extension| extension.number.to_string())
    };
    let devices = devices.into_iter().map(|device| DeviceWire {
        sip_user: device.sip_user.to_string(),
        extension: extension(device),
        bindings: bindings.iter().filter(|binding| binding.device == device.id).map(binding_wire).collect(),
    });
    Json(DevicesWire { devices: devices.collect() })
}

/// The trunks, by their names.
pub async fn trunks(client: Client, State(app): State<Arc<App>>) -> Json<TrunksWire> {
    let (directory, states) = (app.directory(), app.live.switch().trunks());
    let entries = directory.entries();
    let mut trunks: Vec<_> = entries.trunks.iter().filter(|trunk| trunk.account == client.account).collect();
    trunks.sort_by(|a, b| a.name.cmp(&b.name));
    let state = |trunk: &Trunk| states.iter().find(|state| state.trunk == trunk.id);
    Json(TrunksWire { trunks: trunks.into_iter().map(|trunk| trunk_wire(trunk, state(trunk))).collect() })
}

fn binding_wire(binding: &Registration) -> BindingWire {
    BindingWire {
        contact: binding.contact.to_string(),
        source: binding.source.to_string(),
        transport: transport(binding.transport),
        user_agent: binding.user_agent.as_deref().map(str::to_owned),
        registered_at: rfc3339(binding.registered_at),
        expires_at: rfc3339(binding.expires_at),
    }
}

fn trunk_wire(trunk: &Trunk, state: Option<&TrunkState>) -> TrunkWire {
    TrunkWire {
        name: trunk.name.to_string(),
        host: trunk.host.to_string(),
        port: trunk.port,
        transport: transport(trunk.transport),
        is_up: state.and_then(|state| state.is_up),
        is_registered: state.and_then(|state| state.is_registered),
        max_calls: trunk.limits.calls,
    }
}

const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
        Transport::Ws => "ws",
    }
}
