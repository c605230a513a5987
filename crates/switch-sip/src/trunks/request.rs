//! Requests to a trunk that belong to no call.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use directory::model::Trunk;
use rsipstack::sip::{Method, Request, Response, Uri};

use crate::{
    core::Core,
    message::{
        build::{Outline, request},
        fields::MAX_FORWARDS,
        uri,
    },
    names::Place,
    random::{LocalTag, branch, call_id},
    transport::Flow,
};

/// Requests with one Call-ID, numbered in a row.
pub(super) struct Series {
    call_id: Arc<str>,
    tag: LocalTag,
    cseq: Arc<AtomicU32>,
}

impl Series {
    pub(super) fn new() -> Self {
        Self { call_id: call_id(), tag: LocalTag::new(), cseq: Arc::default() }
    }

    /// The next request. `from` and `to` are URIs.
    pub(super) fn next(&self, flow: &Flow, method: Method, target: Uri, (from, to): (&str, &str)) -> Request {
        request(Outline {
            method,
            target,
            via: flow.via(),
            branch: &branch(),
            from: format!("<{from}>;tag={}", self.tag),
            to: format!("<{to}>"),
            call_id: &self.call_id,
            cseq: self.cseq.fetch_add(1, Ordering::Relaxed) + 1,
            max_forwards: MAX_FORWARDS,
            contact: None,
        })
    }

    /// Sends what `write` makes to each address of a trunk until one answers; says which, and what.
    pub(super) async fn ask(
        &self,
        core: &Core,
        trunk: &Trunk,
        write: impl Fn(&Flow) -> Option<Request>,
    ) -> Option<(SocketAddr, Response)> {
        for at in core.names.find(&Place::of(trunk)).await?.iter().copied() {
            let Ok(flow) = core.network.reach(trunk.transport, at, &trunk.host).await else { continue };
            let flow = flow.with_access(core.trunks.login(trunk), &self.cseq);
            let mut request = write(&flow)?;
            flow.access.iter().for_each(|access| access.authorize(&mut request));
            let exchange = core.stack.clone().exchange(flow, request);
            let response = tokio::select! {
                biased;
                response = exchange => response,
                () = core.pause(core.config.trunk_silence) => None,
            };
            // 408 is what silence becomes, and 503 means that another one is to be asked (RFC 3263 section 4.3).
            match response.filter(|response| !matches!(response.status_code.code(), 408 | 503)) {
                Some(response) => return Some((at, response)),
                None => continue,
            }
        }
        None
    }
}

/// The trunk itself, as a request URI.
pub(super) fn target(trunk: &Trunk) -> Option<Uri> {
    uri::parse(&format!("sip:{}", uri::host_port(&trunk.host, trunk.port)))
}
