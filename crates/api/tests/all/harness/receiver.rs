//! A server that webhooks are sent to.

use std::{collections::VecDeque, net::Ipv4Addr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{net::TcpListener, sync::mpsc};

/// A request that a receiver has got.
#[derive(Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn event(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server that hooks send to. It answers as it is told, then with 204.
pub struct Receiver {
    pub url: String,
    pub answers: Arc<Mutex<VecDeque<u16>>>,
    pub received: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    pub async fn start(answers: impl IntoIterator<Item = u16>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let (sender, received) = mpsc::unbounded_channel();
        let next = answers.clone();
        let answer = async move |headers: HeaderMap, body: Bytes| {
            sender.send(Received { headers, body }).unwrap();
            StatusCode::from_u16(next.lock().pop_front().unwrap_or(204)).unwrap()
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(answer))).await });
        Self { url, answers, received }
    }

    pub async fn next(&mut self) -> Received {
        let received = tokio::time::timeout(Duration::from_secs(30), self.received.recv()).await;
        received.expect("nothing is sent").unwrap()
    }
}
