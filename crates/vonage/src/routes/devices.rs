//! `…/devices` and `…/devices/{device}`: the phones of an account and their registrations.

use std::cmp::Reverse;

use axum::{Json, extract::State, http::Uri};

use crate::{
    auth::Client,
    convert::{DeviceSeen, View},
    errors::Failure,
    paging::{Page, places},
    path::DevicePath,
    query::{DEVICE_FILTERS, ListQuery, Order},
    state::Vonage,
    wire::{DeviceWire, DevicesPageWire, Digits, PagesWire},
};

/// Number of the list's first page, as in the vendor's sample.
const FIRST_PAGE: u64 = 1;

/// `GET …/devices`: a page of the phones, by their latest registration.
pub async fn list(
    client: Client,
    State(app): State<Vonage>,
    uri: Uri,
) -> Result<Json<DevicesPageWire>, Failure> {
    let query = ListQuery::read(&uri, DEVICE_FILTERS, FIRST_PAGE)?;
    let directory = app.directory();
    let registrations = app.live.switch().registrations(client.account);
    let mut devices = DeviceSeen::join(directory.devices_of(client.account), &registrations);
    devices.retain(|device| is_listed(device, &query));
    sort(&mut devices, query.order);
    let path = format!("/registration/accounts/{}/devices", client.account);
    let page = Page { path: &path, query: &query, first: FIRST_PAGE, total: devices.len() as u64 };
    let on_page = &devices[places(&query, devices.len())];
    Ok(Json(DevicesPageWire {
        current_page: Digits::integer(client.view.wire, page.current()),
        devices: on_page.iter().map(|device| client.view.device(device)).collect(),
        pages: pages(client.view, &page),
    }))
}

/// `GET …/devices/{device}`: one phone.
pub async fn show(
    client: Client,
    DevicePath(mac): DevicePath,
    State(app): State<Vonage>,
) -> Result<Json<DeviceWire>, Failure> {
    let directory = app.directory();
    let device = directory.devices_of(client.account).filter(|device| device.mac == mac);
    let registrations = app.live.switch().registrations(client.account);
    let found = DeviceSeen::join(device, &registrations);
    let device = found.first().ok_or_else(|| Failure::not_found("device"))?;
    Ok(Json(client.view.device(device)))
}

/// The vendor's sample shows the number of the next page as text in this list, and only in this one.
fn pages(view: View, page: &Page<'_>) -> PagesWire {
    let next_page = page.next().map(|next| Digits::Text(next.to_string()));
    PagesWire { next_page, ..view.pages(page) }
}

fn is_listed(device: &DeviceSeen<'_>, query: &ListQuery) -> bool {
    device.registered_at().map_or(!query.is_bounded(), |at| query.covers(at))
}

fn sort(devices: &mut [DeviceSeen<'_>], order: Order) {
    match order {
        Order::Ascending => devices.sort_by_key(DeviceSeen::rank),
        Order::Descending => devices.sort_by_key(|device| Reverse(device.rank())),
    }
}
