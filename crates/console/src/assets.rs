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
    /// Its name.
    pub name: &'static str,
    /// Its kind, in UTF-8.
    pub media_type: &'static str,
    /// What is in it.
    pub content: &'static str,
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
        format!("/console/assets/{}?v={}", self.name, version(std::slice::from_ref(self)))
    }

    /// The file, which may be kept for ever.
    pub fn answer(&self) -> Response {
        let media_type = format!("{}; charset=utf-8", self.media_type);
        ([(header::CONTENT_TYPE, media_type)], [(header::CACHE_CONTROL, FOR_EVER)], self.content)
            .into_response()
    }
}

/// What changes with the content of files.
pub fn version(assets: &[Asset]) -> String {
    let content = assets.iter().fold(Sha256::new(), |digest, asset| digest.chain_update(asset.content));
    hex::encode(&content.finalize()[..6])
}

/// `GET /console/assets/{name}`.
pub async fn show(Path(name): Path<String>) -> Result<Response, Failure> {
    let asset = [STYLE, MODULE, ICON].into_iter().find(|asset| asset.name == name);
    Ok(asset.ok_or_else(Failure::not_found)?.answer())
}
