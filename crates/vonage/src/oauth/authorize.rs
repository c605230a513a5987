//! `GET /authorize` and `POST /authorize`: a person signs in and lets an application use their account
//! (RFC 6749 section 4.1).

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use http_core::{
    auth::{ClientAddress, LoggedIn, Login, LoginError, grant},
    config::Secret,
};

use super::{
    codes::Permission,
    errors::{OAuthError, OAuthErrorCode, unstored},
    login_of,
    page::{self, SignInForm},
    parameters::Parameters,
    request::{AuthorizationRequest, Refusal},
};
use crate::state::Vonage;

/// What of a request the form takes along.
const TAKEN_ALONG: [&str; 8] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
];

/// Asks the person to sign in.
pub async fn ask(State(app): State<Vonage>, address: ClientAddress, uri: Uri) -> Response {
    let sent = Parameters::of_query(&uri);
    match AuthorizationRequest::read(&app.directory(), &sent) {
        Ok(request) => Asking { app: &app, address, sent: &sent, request }.form(StatusCode::OK, None),
        Err(refusal) => refused(refusal),
    }
}

/// Takes what the person has filled in. If it is right, they go back with a code.
pub async fn sign_in(
    State(app): State<Vonage>,
    address: ClientAddress,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let sent = match Parameters::of_form(&headers, body) {
        Ok(sent) => sent,
        Err(error) => return refused(Refusal::ToPerson(error)),
    };
    match AuthorizationRequest::read(&app.directory(), &sent) {
        Ok(request) => Asking { app: &app, address, sent: &sent, request }.sign_in(&headers).await,
        Err(refusal) => refused(refusal),
    }
}

struct Asking<'a> {
    app: &'a Vonage,
    address: ClientAddress,
    sent: &'a Parameters,
    request: AuthorizationRequest,
}

impl Asking<'_> {
    async fn sign_in(&self, headers: &HeaderMap) -> Response {
        if !self.is_ours(headers) {
            let trouble = "This form was not filled in in time, or not here. Please sign in again.";
            return self.form(StatusCode::FORBIDDEN, Some(trouble));
        }
        let (username, password) = (self.text("username"), self.text("password"));
        let login = login_of(username).unwrap_or(username).to_owned();
        let login = Login { customer: None, login, password: Secret(password.to_owned()) };
        match self.app.log_in(self.address.ip, login).await {
            Ok(person) => self.grant(&person),
            Err(error) => self.not_signed_in(&error),
        }
    }

    fn grant(&self, person: &LoggedIn) -> Response {
        let AuthorizationRequest { application, redirect_uri, names_uri, challenge, .. } = &self.request;
        let granted = grant::of(&person.directory, &person.user, application, self.request.wish);
        let Some(grant) = granted else {
            let description = "The user has nothing to say in the application's account";
            return self.send_back(&OAuthError::new(OAuthErrorCode::AccessDenied, description));
        };
        if grant::scope(&person.directory, &grant).is_empty() {
            return self.send_back(&OAuthError::invalid_scope());
        }
        let redirect_uri = names_uri.then(|| redirect_uri.to_string());
        let (nonce, now) = (self.request.nonce.clone(), self.app.now());
        let challenge = challenge.clone();
        let permission = Permission { grant, redirect_uri, challenge, nonce, signed_in_at: now };
        match self.app.sign_ins.codes.give(permission, now) {
            Some(code) => go(&self.request.granted(&code)),
            None => {
                let description = "Too many people sign in at once";
                self.send_back(&OAuthError::new(OAuthErrorCode::TemporarilyUnavailable, description))
            }
        }
    }

    fn not_signed_in(&self, error: &LoginError) -> Response {
        match error {
            LoginError::Wrong(_) => {
                self.form(StatusCode::FORBIDDEN, Some("The user name or password is wrong."))
            }
            LoginError::TooMany(brake) => {
                let trouble = "There were too many failed attempts. Please try again later.";
                let mut response = self.form(StatusCode::TOO_MANY_REQUESTS, Some(trouble));
                let seconds = call::time::whole_seconds(brake.retry_after).max(1);
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
                response
            }
            LoginError::Broken(error) => self.send_back(&OAuthError::server(error)),
        }
    }

    fn form(&self, status: StatusCode, trouble: Option<&str>) -> Response {
        let AuthorizationRequest { application, redirect_uri, wish, .. } = &self.request;
        let guard = &self.app.sign_ins.guard;
        let guarded = guard.guard(&application.client_id, redirect_uri, self.address.is_secure);
        let taken = TAKEN_ALONG.into_iter().map(|name| (name, self.text(name)));
        let form = SignInForm {
            application: &application.name,
            scope: wish.scope.and(application.scope),
            trouble,
            username: self.text("username"),
            hidden: taken
                .chain([("proof", &*guarded.proof)])
                .filter(|(_, value)| !value.is_empty())
                .collect(),
            redirect_uri,
        };
        let mut response = form.page(status);
        response.headers_mut().insert(header::SET_COOKIE, guarded.cookie);
        response
    }

    fn is_ours(&self, headers: &HeaderMap) -> bool {
        let (client_id, redirect_uri) = (&self.request.application.client_id, &self.request.redirect_uri);
        self.app.sign_ins.guard.is_ours(headers, self.text("proof"), client_id, redirect_uri)
    }

    /// A parameter; empty if it is missing or there twice.
    fn text(&self, name: &str) -> &str {
        self.sent.get(name).ok().flatten().unwrap_or_default()
    }

    fn send_back(&self, error: &OAuthError) -> Response {
        go(&self.request.refused(error))
    }
}

fn refused(refusal: Refusal) -> Response {
    match refusal {
        Refusal::ToPerson(error) => page::refusal(StatusCode::BAD_REQUEST, &error.description),
        Refusal::ToApplication(uri) => go(&uri),
    }
}

/// Sends the person somewhere else, to be asked for there with GET.
fn go(uri: &str) -> Response {
    let location = HeaderValue::from_str(uri).expect("registered URIs and what is added are plain ASCII");
    unstored((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}
