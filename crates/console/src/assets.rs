//! The stylesheet, the module and the icon. Their addresses change with their content, so that a browser may keep
//! them for ever.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::errors::Failure;

/// A file that pages load.
pub struct Asset {
    name: &'static str,
    media_type: &'static str,
    content: &'static str,
}

const STYLE: Asset =
    Asset { name: "console.css", media_type: "text/css", content: include_str!("../assets/console.css") };
const MODULE: Asset = Asset {
    name: "console.js",
    media_type: "text/javascript",
    content: include_str!("../assets/console.js"),
};
const ICON: Asset =
    Asset { name: "icon.svg", media_type: "image/svg+xml", content: include_str!("../assets/icon.svg") };

/// Where the stylesheet is.
pub static STYLE_PLACE: LazyLock<String> = LazyLock::new(|| STYLE.place());
/// Where the module is.
pub static MODULE_PLACE: LazyLock<String> = LazyLock::new(|| MODULE.place());
/// Where the icon is.
pub static ICON_PLACE: LazyLock<String> = LazyLock::new(|| ICON.place());

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

impl Asset {
    fn place(&self) -> String {
        let version = hex::encode(&Sha256::digest(self.content)[..6]);
        format!("/console/assets/{}?v={version}", self.name)
    }
}

/// `GET /console/assets/{name}`.
pub async fn show(Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = [STYLE, MODULE, ICON].into_iter().find(|asset| asset.name == name);
    let Asset { media_type, content, .. } = asset.ok_or_else(Failure::not_found)?;
    let media_type = format!("{media_type}; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, media_type)], [(header::CACHE_CONTROL, FOR_EVER)], content).into_response())
}
