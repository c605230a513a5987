//! What an application asks of a person (RFC 6749 section 4.1.1, RFC 7636 section 4.3).

use std::sync::Arc;

use directory::{Snapshot, model::Application};
use http_core::auth::grant::Wish;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    codes::Challenge,
    errors::{OAuthError, OAuthErrorCode},
    parameters::Parameters,
};

/// Most characters of a `nonce`.
const LONGEST_NONCE: usize = 255;
/// Most characters of a `state`.
const LONGEST_STATE: usize = 2_000;

/// A request that can be put to a person.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// The application.
    pub application: Application,
    /// Where the person goes back to.
    pub redirect_uri: Arc<str>,
    /// Whether the request named that, rather than leaving it to the only one that is registered.
    pub names_uri: bool,
    /// What the application wants to hear again.
    pub state: Option<String>,
    /// What the application wants to have.
    pub wish: Wish,
    /// What the exchange of the code must fit.
    pub challenge: Option<Challenge>,
    /// What the ID token is to say again.
    pub nonce: Option<String>,
}

/// Why a request is not put to a person.
#[derive(Debug)]
pub enum Refusal {
    /// It is told to the person: who sent them here is not sure.
    ToPerson(OAuthError),
    /// It is told to the application, by sending the person back to this URI.
    ToApplication(String),
}

impl AuthorizationRequest {
    /// Reads a query or form.
    pub fn read(directory: &Snapshot, sent: &Parameters) -> Result<Self, Refusal> {
        let (application, named) = origin(directory, sent).map_err(Refusal::ToPerson)?;
        let redirect_uri = named
            .clone()
            .or_else(|| only(&application))
            .ok_or_else(|| Refusal::ToPerson(OAuthError::invalid_request("redirect_uri is missing")))?;
        let state = sent.get("state").ok().flatten().filter(|state| state.len() <= LONGEST_STATE);
        let state = state.map(str::to_owned);
        let refused =
            |error: OAuthError| Refusal::ToApplication(back(&redirect_uri, &told(&error), state.as_deref()));
        let challenge = terms(&application, sent).map_err(refused)?;
        prompt(sent).map_err(refused)?;
        let scope = sent.get("scope").map_err(refused)?;
        let nonce = nonce(sent).map_err(refused)?;
        let (wish, names_uri) = (Wish::read(scope), named.is_some());
        Ok(Self { application, names_uri, redirect_uri, state, wish, challenge, nonce })
    }

    /// The URI that takes the person back with a code.
    pub fn granted(&self, code: &str) -> String {
        back(&self.redirect_uri, &[("code", code)], self.state.as_deref())
    }

    /// The URI that takes the person back with a refusal.
    pub fn refused(&self, error: &OAuthError) -> String {
        back(&self.redirect_uri, &told(error), self.state.as_deref())
    }
}

/// The application, and the place to go back to if it named one of its own.
fn origin(directory: &Snapshot, sent: &Parameters) -> Result<(Application, Option<Arc<str>>), OAuthError> {
    let application = directory.application(sent.needed("client_id")?);
    let application = application.ok_or_else(|| OAuthError::invalid_request("client_id is not known"))?;
    let Some(named) = sent.get("redirect_uri")? else { return Ok((application.clone(), None)) };
    let own = application.redirect_uris.iter().find(|uri| ***uri == *named);
    let own = own.ok_or_else(|| {
        OAuthError::invalid_request("redirect_uri is not one that the application is registered with")
    })?;
    Ok((application.clone(), Some(own.clone())))
}

/// The only place that an application is registered with.
fn only(application: &Application) -> Option<Arc<str>> {
    match &application.redirect_uris[..] {
        [uri] => Some(uri.clone()),
        _ => None,
    }
}

/// What the rest of a request must say; gives its challenge.
fn terms(application: &Application, sent: &Parameters) -> Result<Option<Challenge>, OAuthError> {
    if sent.get("state")?.is_some_and(|state| state.len() > LONGEST_STATE) {
        return Err(OAuthError::invalid_request("state is longer than 2000 characters"));
    }
    if sent.needed("response_type")? != "code" {
        let description = "response_type must be code";
        return Err(OAuthError::new(OAuthErrorCode::UnsupportedResponseType, description));
    }
    match (sent.get("code_challenge")?, sent.get("code_challenge_method")?) {
        (Some(text), Some("S256")) => Challenge::parse(text)
            .map(Some)
            .ok_or_else(|| OAuthError::invalid_request("code_challenge is not a SHA-256 in base64url")),
        (Some(_), _) => Err(OAuthError::invalid_request("code_challenge_method must be S256")),
        (None, _) if application.secret_sha256.is_none() => Err(OAuthError::invalid_request(
            "code_challenge is missing; an application without a secret must send one",
        )),
        (None, _) => Ok(None),
    }
}

/// Whether the person may be asked (OpenID Connect Core section 3.1.2.1): nobody stays signed in here, so that who
/// may not be asked is not signed in.
fn prompt(sent: &Parameters) -> Result<(), OAuthError> {
    let words: Vec<&str> = sent.get("prompt")?.unwrap_or_default().split_ascii_whitespace().collect();
    let known = ["none", "login", "consent", "select_account"];
    if words.iter().any(|word| !known.contains(word)) || (words.contains(&"none") && words.len() > 1) {
        let description = "prompt must be none, or some of login, consent and select_account";
        return Err(OAuthError::invalid_request(description));
    }
    match words[..] {
        ["none"] => {
            Err(OAuthError::new(OAuthErrorCode::LoginRequired, "The person must sign in, and is to be asked"))
        }
        _ => Ok(()),
    }
}

fn nonce(sent: &Parameters) -> Result<Option<String>, OAuthError> {
    match sent.get("nonce")? {
        Some(nonce) if nonce.len() > LONGEST_NONCE => {
            Err(OAuthError::invalid_request("nonce is longer than 255 characters"))
        }
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

fn told(error: &OAuthError) -> [(&'static str, &str); 2] {
    [("error", error.code.as_str()), ("error_description", &error.description)]
}

fn back(redirect_uri: &str, answer: &[(&str, &str)], state: Option<&str>) -> String {
    let mut uri = redirect_uri.to_owned();
    for (name, value) in answer.iter().copied().chain(state.map(|state| ("state", state))) {
        let joint = if uri.contains('?') { '&' } else { '?' };
        uri.push_str(&format!("{joint}{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
    }
    uri
}
