//! Requests that had a key, as they lie on disk.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use call::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Answer, Fingerprint, Outcome, Request};

/// A request on disk.
#[derive(Serialize, Deserialize)]
pub(super) struct StoredRequestV1 {
    /// Microseconds.
    at: i64,
    fingerprint: Fingerprint,
    /// Absent while the request is carried out.
    answer: Option<StoredAnswerV1>,
}

/// An answer on disk.
#[derive(Serialize, Deserialize)]
struct StoredAnswerV1 {
    status: u16,
    headers: Vec<(String, String)>,
    /// In base64.
    body: String,
    /// What versions before kept in place of the body of a refusal: such an answer is not given again.
    #[serde(default, skip_serializing)]
    refusal: Option<(u16, String)>,
}

impl StoredRequestV1 {
    pub(super) fn of(request: &Request) -> Self {
        let answer = match &request.outcome {
            Outcome::UnderWay | Outcome::Interrupted => None,
            Outcome::Answered(answer) => Some(StoredAnswerV1::of(answer)),
        };
        Self { at: request.at.as_micros(), fingerprint: request.fingerprint, answer }
    }

    pub(super) fn print(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers can be printed as JSON")
    }

    /// What was kept before the server started; `None` if it cannot be read.
    pub(super) fn read(value: &[u8]) -> Option<Request> {
        let Self { at, fingerprint, answer } = serde_json::from_slice(value).ok()?;
        let outcome = match answer {
            Some(answer) => Outcome::Answered(answer.into_answer()?),
            None => Outcome::Interrupted,
        };
        Some(Request { at: Timestamp::from_micros(at), fingerprint, outcome })
    }
}

impl StoredAnswerV1 {
    fn of(answer: &Answer) -> Self {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        Self {
            status: answer.status.as_u16(),
            headers: answer.headers.iter().filter_map(header).collect(),
            body: STANDARD.encode(&answer.body),
            refusal: None,
        }
    }

    fn into_answer(self) -> Option<Answer> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
        }
        if self.refusal.is_some() {
            return None;
        }
        let body = Bytes::from(STANDARD.decode(self.body).ok()?);
        Some(Answer { status: StatusCode::from_u16(self.status).ok()?, headers, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = r#"{"at":5000000,"fingerprint":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"answer":{"status":404,"headers":[["content-type","application/json"]],"body":"aGk="}}"#;

    #[test]
    fn what_is_on_disk_is_read_as_it_was_written_first() {
        let request = StoredRequestV1::read(WRITTEN.as_bytes()).unwrap();
        let Outcome::Answered(answer) = &request.outcome else { panic!("it was answered") };
        assert_eq!((answer.status, &answer.body[..]), (StatusCode::NOT_FOUND, &b"hi"[..]));
        let again = String::from_utf8(StoredRequestV1::of(&request).print()).unwrap();
        assert_eq!(
            again, WRITTEN,
            "whoever changes the form must read this one too, and name the new one V2"
        );
    }

    #[test]
    fn what_is_no_request_is_left_out() {
        let refused_before = WRITTEN.replace("\"aGk=\"", "\"\",\"refusal\":[404,\"There is no such call\"]");
        for text in [
            "",
            "{}",
            &WRITTEN.replace("404,\"headers\"", "4,\"headers\""),
            &WRITTEN.replace("aGk=", "?"),
            &refused_before,
        ] {
            assert!(StoredRequestV1::read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
