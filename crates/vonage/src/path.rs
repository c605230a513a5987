//! Ids in a path. What is no id names nothing: 404, as for an unknown id.

use std::str::FromStr;

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use call::{CallId, LegId};

use super::errors::Failure;
use crate::state::Vonage;

/// `…/calls/{call}`.
#[derive(Clone, Copy, Debug)]
pub struct CallPath(pub CallId);

/// `…/calls/{call}/legs/{leg}`.
#[derive(Clone, Copy, Debug)]
pub struct LegPath(pub CallId, pub LegId);

/// `…/devices/{device}`: a MAC address in any of its usual forms.
#[derive(Clone, Copy, Debug)]
pub struct DevicePath(pub [u8; 6]);

impl FromRequestParts<Vonage> for CallPath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Vonage) -> Result<Self, Failure> {
        parsed(parts, "call", |text| CallId::from_str(text).ok()).await.map(Self)
    }
}

impl FromRequestParts<Vonage> for LegPath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &Vonage) -> Result<Self, Failure> {
        let CallPath(call) = CallPath::from_request_parts(parts, app).await?;
        let leg = parsed(parts, "leg", |text| LegId::from_str(text).ok()).await?;
        Ok(Self(call, leg))
    }
}

impl FromRequestParts<Vonage> for DevicePath {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Vonage) -> Result<Self, Failure> {
        parsed(parts, "device", directory::mac::parse).await.map(Self)
    }
}

async fn parsed<T>(
    parts: &mut Parts,
    name: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, Failure> {
    let params = RawPathParams::from_request_parts(parts, &()).await.ok();
    let value = params.as_ref().and_then(|params| params.iter().find(|(known, _)| *known == name));
    value.and_then(|(_, text)| parse(text)).ok_or_else(|| Failure::not_found(name))
}
