//! `GET /.well-known/openid-configuration` (OpenID Connect Discovery section 4, RFC 8414): what clients need to know
//! to sign people in.

use axum::Json;
use directory::model::Area;
use http_core::auth::ServerUrl;
use serde_json::{Value, json};

/// What this server offers.
pub async fn show(server: ServerUrl) -> Json<Value> {
    let scopes: Vec<_> = std::iter::once("openid").chain(Area::all().map(Area::name)).collect();
    Json(json!({
        "issuer": server.as_str(),
        "authorization_endpoint": server.at("/authorize"),
        "token_endpoint": server.at("/token"),
        "userinfo_endpoint": server.at("/userinfo"),
        "revocation_endpoint": server.at("/revoke"),
        "jwks_uri": server.at("/jwks"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "password"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "iat", "exp", "auth_time", "nonce", "name", "preferred_username"
        ],
    }))
}
