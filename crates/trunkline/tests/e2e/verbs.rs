//! Every verb of the telephony document on phones whose sound and signalling are known: what goes over the
//! wire, what each party hears before, during and after, what the API answers and shows, and the record.

mod answering;
mod attended;
mod digits;
mod hanging_up;
mod holding;
mod originating;
mod parking;
mod playing;
mod recording;
mod transferring;

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    harness::{vonage, wait_until},
    phone::{A, B, Phone},
    scene::{Scene, Seen},
};

/// An office whose phones may take their time to answer.
fn office() -> Scene {
    Scene::with(&[("TRUNKLINE__SIP__NO_ANSWER_SECONDS", "60")])
}

/// Phones 1001 and 1002, talking.
struct Talk {
    a: Phone,
    b: Phone,
    scene: Scene,
    /// The call's path in the API.
    call: String,
}

/// What is left of a call.
struct Past {
    seen: Seen,
    /// What the phones sent and received, a line for each request.
    a: Vec<String>,
    b: Vec<String>,
}

impl Talk {
    /// Phone 1001 calls phone 1002, which answers; each hears the other.
    async fn begin() -> Self {
        Self::in_office(office()).await
    }

    async fn in_office(scene: Scene) -> Self {
        let b = Phone::talking(&scene, "1002").await;
        Self::with(scene, b, "uac-talk").await
    }

    /// Phone 1001 does as a caller's scenario says, toward a phone 1002 that answers.
    async fn with(scene: Scene, b: Phone, caller: &str) -> Self {
        let a = Phone::calls(&scene, "1002", caller).await;
        tokio::join!(a.speaks(), b.speaks());
        tokio::join!(a.hears(B), b.hears(A));
        let call = live_call(&scene, "on-call").await;
        Self { scene, a, b, call }
    }

    /// The path of an extension's leg.
    async fn leg(&self, extension: u64) -> String {
        vonage::leg(&self.scene.server, &self.call, extension).await
    }

    async fn tell(&self, path: &str, what: Value) -> String {
        tell(&self.scene, path, what).await
    }

    /// A program ends the call.
    async fn end(self) -> Past {
        assert_eq!(vonage::delete(&self.scene.server, &self.call).await, 200);
        let (a, b) = (self.a.ends().await.messages.ladder(), self.b.ends().await.messages.ladder());
        assert_eq!(get(&self.scene, &self.call).await.0, 404);
        Past { seen: self.scene.only_call().await, a, b }
    }
}

/// The path of the only live call, once it has this status.
async fn live_call(scene: &Scene, status: &str) -> String {
    let has_status = async || {
        let calls = vonage::calls(&scene.server).await;
        calls.first().is_some_and(|call| call["status"] == status)
    };
    wait_until(&format!("the call is {status}"), has_status).await;
    let calls = vonage::calls(&scene.server).await;
    format!("/cc/accounts/1234/calls/{}", calls[0]["call_id"].as_str().unwrap())
}

/// The status and body of a GET.
async fn get(scene: &Scene, path: &str) -> (u16, Value) {
    let answer = vonage::get(&scene.server, path).await;
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The status that the API shows of a call or leg.
async fn status(scene: &Scene, path: &str) -> String {
    let (status, shown) = get(scene, path).await;
    assert_eq!(status, 200, "{shown}");
    shown["status"].as_str().unwrap().to_owned()
}

/// Has something done to a call or leg; gives the state that the answer tells. What somebody rings for is under
/// way (202), everything else is done.
async fn tell(scene: &Scene, path: &str, what: Value) -> String {
    let (status, answer) = vonage::put(&scene.server, path, &what).await;
    let may_ring = what["to"].is_object();
    assert!(status == 200 || (status == 202 && may_ring), "{what}: {status} {answer}");
    let id = path.rsplit('/').next().unwrap();
    let told = if path.contains("/legs/") { &answer["leg_id"] } else { &answer["call_id"] };
    assert_eq!((told, &answer["account_id"]), (&json!(id), &json!(1234)), "{answer}");
    answer["call_state"].as_str().unwrap().to_owned()
}

/// A length of the record lies between two that were measured outside it.
fn assert_length(seen: &Seen, member: &str, least: Duration, most: Duration) {
    let length = Duration::from_secs_f64(seen.seconds(member));
    assert!((least..=most).contains(&length), "{member}: {least:?} <= {length:?} <= {most:?}");
}
