//! What the log tells of requests.

use std::{
    io,
    sync::{Arc, Mutex},
};

use call::AccountId;
use http_core::config::StaticToken;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::harness::{Answer, PASSWORD, Server};

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    /// The lines so far that are about errors.
    fn errors(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().filter(|line| line.contains("ERROR")).map(str::to_owned).collect()
    }
}

/// The dialects that read finished calls.
pub const DIALECTS: [&str; 4] = ["native", "vonage", "yeti", "hostedsuite"];

/// A request of each dialect that reads finished calls.
pub async fn ask(server: &Server, dialect: &str) -> Answer {
    let bearer = |path| server.get(path).header("authorization", "Bearer acme-office");
    match dialect {
        "native" => bearer("/v1/calls/01890000-0000-7000-8000-000000000000/annotations"),
        "vonage" => bearer(
            "/t/vbc.prod/reports/v1/accounts/1001/call-logs?start:gte=2026-01-02%2000:00:00&start:lte=2026-01-03%2000:00:00",
        ),
        "yeti" => {
            let login = json!({ "auth": { "login": "ann", "password": PASSWORD } });
            let session = server.post("/api/rest/customer/v1/auth").header("content-type", "application/json");
            let session = session.body(login.to_string()).await;
            let token = session.json()["jwt"].as_str().unwrap().to_owned();
            server.get("/api/rest/customer/v1/cdrs").header("authorization", &token)
        }
        _ => {
            let who = json!({ "CustomerName": "Acme", "UserName": "ann", "Password": PASSWORD });
            let calls = server.post("/api/calls").header("content-type", "application/json");
            return calls.header("x-request-id", dialect).body(who.to_string()).await;
        }
    }
    .header("x-request-id", dialect)
    .send()
    .await
}

#[tokio::test]
async fn an_error_has_the_id_of_its_request_whatever_the_dialect() {
    let token = StaticToken::of("acme-office", AccountId(1001));
    let server = Server::start_with(|config| config.http.tokens = vec![token].into()).await;
    let store = rusqlite::Connection::open(server.folder.path().join("history/history.db")).unwrap();
    let broken = "DROP TABLE account_calls; DROP TABLE calls; DROP TABLE annotations";
    store.execute_batch(&format!("PRAGMA foreign_keys = OFF; {broken}")).unwrap();
    for dialect in DIALECTS {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
        let _guard = tracing::subscriber::set_default(subscriber);
        let answer = ask(&server, dialect).await;
        assert_eq!(answer.status, 500, "{dialect}: {}", answer.text());
        let errors = log.errors();
        let [error] = errors.as_slice() else { panic!("{dialect}: {errors:?}") };
        assert!(error.contains(&format!("request={dialect}")), "{error}");
    }
}
