//! `POST /token` (RFC 6749 sections 4.1.3, 4.3, 6).

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use directory::{
    DirectoryError,
    model::{Application, Area, Scope},
    tokens::{ACCESS_LIFETIME, Grant, GrantId, Issued, Refreshed, Tokens},
};
use http_core::{
    auth::{
        ClientAddress, Login, ServerUrl,
        grant::{self, Wish},
    },
    config::Secret,
};
use serde::Serialize;

use super::{
    application::Asking,
    codes::{Permission, Redeemed},
    errors::{OAuthError, OAuthErrorCode, unstored},
    id_token::{SignIn, id_token},
    login_of,
    parameters::Parameters,
};
use crate::state::Vonage;

/// The answer of RFC 6749 section 5.1.
#[derive(Serialize)]
struct TokenWire {
    access_token: String,
    refresh_token: String,
    scope: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

struct Exchange<'a> {
    app: &'a Vonage,
    address: ClientAddress,
    application: Application,
    form: &'a Parameters,
    /// Who issues ID tokens: this server (OpenID Connect Core section 2).
    issuer: ServerUrl,
}

/// Gives an application tokens.
pub async fn exchange(
    State(app): State<Vonage>,
    issuer: ServerUrl,
    asking: Asking,
) -> Result<Response, OAuthError> {
    let Asking { application, form, address } = asking;
    let grant_type = form.needed("grant_type")?;
    let exchange = Exchange { app: &app, address, application, form: &form, issuer };
    match grant_type {
        "password" => exchange.password().await,
        "authorization_code" => exchange.code().await,
        "refresh_token" => exchange.refresh().await,
        _ => Err(OAuthError::new(
            OAuthErrorCode::UnsupportedGrantType,
            "grant_type must be password, authorization_code or refresh_token",
        )),
    }
}

impl Exchange<'_> {
    async fn password(&self) -> Result<Response, OAuthError> {
        if self.application.secret_sha256.is_none() {
            return Err(OAuthError::new(
                OAuthErrorCode::UnauthorizedClient,
                "An application without a secret must send people to /authorize",
            ));
        }
        let username = self.form.needed("username")?;
        let password = Secret(self.form.needed("password")?.to_owned());
        let wish = Wish::read(self.form.get("scope")?);
        let login = login_of(username)
            .ok_or_else(|| OAuthError::invalid_grant("username must look like name@vbc.prod"))?;
        let login = Login { customer: None, login: login.to_owned(), password };
        let logged_in = self.app.log_in(self.address.ip, login).await?;
        let grant = grant::of(&logged_in.directory, &logged_in.user, &self.application, wish);
        let grant = grant.ok_or_else(|| {
            OAuthError::invalid_grant("The user has nothing to say in the application's account")
        })?;
        if grant::scope(&logged_in.directory, &grant).is_empty() {
            return Err(OAuthError::invalid_scope());
        }
        let now = self.app.now();
        let (_, issued) = self.issue(&grant).await?;
        Ok(self.answer(&grant, issued, Some(SignIn { at: now, nonce: None })))
    }

    async fn code(&self) -> Result<Response, OAuthError> {
        let (code, now) = (self.form.needed("code")?, self.app.now());
        let permission = match self.app.sign_ins.codes.redeem(code, now) {
            Redeemed::Good(permission) => permission,
            Redeemed::Again(grant) => {
                let revoke = move |tokens: &Tokens| grant.map_or(Ok(()), |id| tokens.revoke_grant(id));
                off_thread(self.app, revoke).await?;
                return Err(wrong_code());
            }
            Redeemed::Unknown => return Err(wrong_code()),
        };
        self.check(&permission)?;
        let Permission { grant, nonce, signed_in_at: at, .. } = permission;
        let (id, issued) = self.issue(&grant).await?;
        if !self.app.sign_ins.codes.led_to(code, id) {
            off_thread(self.app, move |tokens| tokens.revoke_grant(id)).await?;
            return Err(wrong_code());
        }
        Ok(self.answer(&grant, issued, Some(SignIn { at, nonce })))
    }

    /// Whether the exchange fits the request that the code was given for.
    fn check(&self, permission: &Permission) -> Result<(), OAuthError> {
        let verifier = self.form.get("code_verifier")?;
        let is_proven = match (&permission.challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.fits(verifier),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        let is_same_uri = permission
            .redirect_uri
            .as_deref()
            .is_none_or(|uri| self.form.get("redirect_uri").is_ok_and(|sent| sent == Some(uri)));
        let is_own = permission.grant.client_id == self.application.client_id;
        let is_good = grant::is_good(&self.app.directory(), &permission.grant);
        if is_proven && is_same_uri && is_own && is_good { Ok(()) } else { Err(wrong_code()) }
    }

    async fn refresh(&self) -> Result<Response, OAuthError> {
        let token = self.form.needed("refresh_token")?.to_owned();
        let (client_id, directory) = (self.application.client_id.clone(), self.app.directory());
        let (ip, now) = (self.address.ip, self.app.now());
        let refresh = move |tokens: &Tokens| {
            tokens.refresh(&token, &client_id, now, |grant| {
                let is_allowed = directory.user(grant.user).is_some_and(|user| user.may_come_from(ip));
                is_allowed && grant::is_good(&directory, grant)
            })
        };
        match off_thread(self.app, refresh).await? {
            Refreshed::Renewed(grant, issued) => Ok(self.answer(&grant, issued, None)),
            Refreshed::Unknown | Refreshed::Revoked => {
                Err(OAuthError::invalid_grant("The refresh token is unknown, used, revoked or has expired"))
            }
        }
    }

    async fn issue(&self, grant: &Grant) -> Result<(GrantId, Issued), OAuthError> {
        let (grant, now) = (grant.clone(), self.app.now());
        off_thread(self.app, move |tokens| tokens.issue(grant, now)).await
    }

    /// The answer; `sign_in` is how the person came here, if they just did.
    fn answer(&self, grant: &Grant, issued: Issued, sign_in: Option<SignIn>) -> Response {
        let directory = self.app.directory();
        let person = directory.user(grant.user).filter(|_| grant.is_openid);
        let body = TokenWire {
            access_token: issued.access,
            refresh_token: issued.refresh,
            scope: told(grant.is_openid, grant::scope(&directory, grant)),
            token_type: "Bearer",
            expires_in: ACCESS_LIFETIME.as_secs(),
            id_token: person.map(|user| id_token(self.app, &self.issuer, (user, grant), sign_in)),
        };
        unstored(Json(body).into_response())
    }
}

/// What a grant is good for, as it is told (RFC 6749 section 5.1): the areas, unless it is all of them.
fn told(is_openid: bool, scope: Scope) -> String {
    let words = is_openid.then_some("openid").into_iter().chain(scope.named().map(Area::name));
    let words: Vec<_> = words.collect();
    if words.is_empty() { "default".to_owned() } else { words.join(" ") }
}

fn wrong_code() -> OAuthError {
    OAuthError::invalid_grant("The code is unknown, used, has expired, or was given for another request")
}

/// Does what waits for the disk off the async threads.
pub async fn off_thread<T: Send + 'static>(
    app: &Vonage,
    work: impl FnOnce(&Tokens) -> Result<T, DirectoryError> + Send + 'static,
) -> Result<T, OAuthError> {
    let tokens = app.tokens.clone();
    let done = tokio::task::spawn_blocking(move || work(&tokens)).await;
    done.map_err(|error| OAuthError::server(&error))?.map_err(|error| OAuthError::server(&error))
}
