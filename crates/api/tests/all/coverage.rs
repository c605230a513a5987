//! No route escapes: each is asked without credentials, with wrong ones, by its owner and by another
//! customer's user. The list of routes is the server's own; one without a sample request fails.

mod samples;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use directory::model::Area;
use http_core::Guard;

use crate::harness::{Answer, Server};

use self::{
    samples::{Sample, samples},
    world::{Credentials, World},
};

/// Method and path of the server's routes under some guards.
fn routes(under: impl Fn(Guard) -> bool) -> BTreeSet<(String, String)> {
    let routes = api::routes().into_iter().filter(|route| under(route.guard));
    routes.map(|route| (route.method.to_string(), route.path)).collect()
}

fn is_writer(guard: Guard) -> bool {
    matches!(guard, Guard::Writer(_))
}

fn named(routes: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    routes.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect()
}

#[test]
fn every_route_that_wants_credentials_has_a_sample() {
    let sampled: BTreeSet<_> =
        samples().into_iter().map(|sample| (sample.method.to_string(), sample.path)).collect();
    assert_eq!(routes(|guard| !matches!(guard, Guard::Open | Guard::Operator)), sampled);
}

#[test]
fn few_routes_are_open() {
    let auth = "/api/rest/customer/v1/auth";
    let open = [
        ("GET", "/healthz"),
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/openapi"),
        ("GET", "/openapi/{document}"),
        ("POST", auth),
        ("DELETE", auth),
        ("POST", "/token"),
        ("POST", "/revoke"),
        ("GET", "/authorize"),
        ("POST", "/authorize"),
        ("GET", "/api/metadata"),
        ("GET", "/api/metadata/"),
        ("GET", "/api/json/metadata"),
        ("GET", "/api/types/metadata"),
        ("GET", "/userinfo"),
        ("POST", "/userinfo"),
        ("GET", "/jwks"),
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/console/sign-in"),
        ("POST", "/console/sign-in"),
        ("GET", "/console/sign-in/{link}"),
        ("POST", "/console/sign-out"),
        ("GET", "/console/"),
        ("GET", "/console/assets/{name}"),
        ("GET", "/phone/{version}/{name}"),
    ];
    let languages = ["csharp", "typescript", "python", "java", "kotlin", "dart", "swift", "php", "go"];
    let types = languages.map(|language| format!("/api/types/{language}"));
    let open: Vec<_> = open.into_iter().chain(types.iter().map(|path| ("GET", &**path))).collect();
    assert_eq!(routes(|guard| guard == Guard::Open), named(&open));
    let of_operators = [
        ("GET", "/metrics"),
        ("GET", "/v1/audit"),
        ("GET", "/v1/blocks"),
        ("DELETE", "/v1/blocks/{source}"),
        ("POST", "/v1/invoices"),
        ("POST", "/v1/payments"),
    ];
    assert_eq!(routes(|guard| guard == Guard::Operator), named(&of_operators));
}

#[tokio::test]
async fn what_is_for_operators_is_refused_to_everybody_else() {
    let server = Server::start().await;
    for route in api::routes().iter().filter(|route| route.guard == Guard::Operator) {
        let path = route.path.replace("{source}", "192.0.2.1");
        let asked = server.request(route.method.clone(), &path);
        assert_eq!(asked.send().await.status, 403, "{} {path}", route.method);
    }
}

/// Routes that only answer a question, though it is sent in a body.
const QUESTIONS: [(&str, &str); 14] = [
    ("POST", "/api/rest/customer/v1/chart-active-calls"),
    ("POST", "/api/rest/customer/v1/chart-originated-cps"),
    ("POST", "/api/rest/customer/v1/check-rate"),
    ("POST", "/api/rest/customer/v1/call-auth"),
    ("POST", "/api/authenticate"),
    ("POST", "/api/calls"),
    ("POST", "/api/call-allowance/balance"),
    ("POST", "/api/centers"),
    ("POST", "/api/clients"),
    ("POST", "/api/clients/names"),
    // A way to read records: as a file.
    ("POST", "/api/rest/customer/v1/cdr-exports"),
    // An operation by its name: it knows itself whether it writes.
    ("POST", "/api/{operation}"),
    ("POST", "/api/json/reply/{operation}"),
    // A tool knows itself whether it writes.
    ("POST", "/mcp"),
];

#[test]
fn routes_that_are_not_for_reading_say_that_they_write() {
    let reading = ["GET", "HEAD"];
    let unsaid = routes(|guard| matches!(guard, Guard::Known | Guard::Reader(_))).into_iter().filter(
        |(method, path)| {
            !reading.contains(&method.as_str()) && !QUESTIONS.contains(&(method.as_str(), path.as_str()))
        },
    );
    assert_eq!(unsaid.collect::<Vec<_>>(), []);
}

/// What notes its changes itself, in their own transactions.
const NOTED_BY_ITSELF: [(&str, &str); 5] = [
    ("POST", "/api/rest/customer/v1/outgoing-numberlist-items"),
    ("PATCH", "/api/rest/customer/v1/outgoing-numberlist-items/{id}"),
    ("DELETE", "/api/rest/customer/v1/outgoing-numberlist-items/{id}"),
    ("POST", "/console/directory/apply"),
    // Changes nothing.
    ("POST", "/console/directory/preview"),
];

/// What is read by those alone who may change things.
const READ_BY_WRITERS: [(&str, &str); 4] = [
    ("GET", "/v1/audit/own"),
    ("GET", "/console/audit"),
    ("GET", "/console/audit.csv"),
    ("GET", "/console/directory/file"),
];

#[test]
fn what_changes_something_is_noted_by_the_table_or_by_itself() {
    let writing = api::routes().into_iter().filter(|route| is_writer(route.guard) && !route.is_noted);
    let left: BTreeSet<_> = writing.map(|route| (route.method.to_string(), route.path)).collect();
    let own = NOTED_BY_ITSELF.iter().chain(&READ_BY_WRITERS).copied().collect::<Vec<_>>();
    assert_eq!(left, named(&own));
}

/// The trail as operators see it.
async fn trail(world: &World) -> Vec<serde_json::Value> {
    let asked = world.server.get("/v1/audit?limit=1000").from([127, 0, 0, 1]);
    asked.send().await.json()["entries"].as_array().unwrap().clone()
}

#[tokio::test]
async fn whatever_is_done_is_noted_with_who_has_done_it_and_from_where() {
    let exports = ("POST".to_owned(), "/api/rest/customer/v1/cdr-exports".to_owned());
    let noted: BTreeSet<_> = routes(is_writer).into_iter().chain([exports]).collect();
    let mut count = 0;
    for sample in samples().into_iter().filter(|of| noted.contains(&(of.method.to_string(), of.path.clone())))
    {
        let world = World::new().await;
        let before = trail(&world).await.len();
        let answer = sample.ask(&world, Credentials::Of(&world.acme), &world.acme).await;
        let is_done = answer.status.is_success() || answer.status == 303;
        let after = trail(&world).await;
        let is_noted = is_done && sample.method != "GET";
        assert_eq!(after.len() - before, usize::from(is_noted), "{sample}: {} {after:?}", answer.text());
        if is_noted {
            count += 1;
            let newest = &after[0];
            assert!(["user", "token"].contains(&newest["who"].as_str().unwrap()), "{sample}: {newest}");
            assert_eq!(newest["source"], "203.0.113.7", "{sample}: {newest}");
            assert!(!newest["customer"].is_null(), "{sample}: {newest}");
            let told = newest.to_string();
            assert!(!told.contains("password") || told.contains("(not shown)"), "{sample}: {told}");
        }
    }
    assert!(count > 20, "{count}");
}

#[tokio::test]
async fn who_may_only_look_changes_nothing() {
    let writing = routes(is_writer);
    let samples = samples().into_iter();
    for sample in samples.filter(|of| writing.contains(&(of.method.to_string(), of.path.clone()))) {
        let world = World::new().await;
        let bearer = world.bearer_of("sue").await;
        let answer = sample.ask(&world, Credentials::Looking(&bearer), &world.acme).await;
        let refused = answer.status.as_u16();
        // The telephony dialect knows no 403.
        assert!(refused == 403 || refused == 401, "{sample}: {refused} {}", answer.text());
        let after = sample.ask(&world, Credentials::Of(&world.acme), &world.acme).await;
        assert_eq!(after.status, sample.owner, "{sample}: {}", after.text());
    }
}

/// Routes that every client may ask, whatever it is let near: what they tell is of no area, or the same for all.
const OF_NO_AREA: [(&str, &str); 7] = [
    ("GET", "/api/rest/customer/v1/auth"),
    ("GET", "/api/rest/customer/v1/profiles"),
    ("POST", "/api/authenticate"),
    ("GET", "/api/settings/time-zones"),
    // An operation by its name: it knows its area itself.
    ("POST", "/api/{operation}"),
    ("POST", "/api/json/reply/{operation}"),
    // And a tool its own.
    ("POST", "/mcp"),
];

#[test]
fn routes_of_no_area_are_few() {
    let reference = ["/countries", "/network-types", "/networks", "/network-prefixes"];
    let is_reference = |path: &str| reference.iter().any(|kind| path.contains(kind));
    let left = routes(|guard| guard == Guard::Known).into_iter().filter(|(_, path)| !is_reference(path));
    assert_eq!(left.collect::<BTreeSet<_>>(), named(&OF_NO_AREA));
}

/// The area of each route that has one.
fn areas() -> BTreeMap<(String, String), Area> {
    let area = |guard| match guard {
        Guard::Reader(area) | Guard::Writer(area) => Some(area),
        Guard::Open | Guard::Known | Guard::Operator => None,
    };
    let routes = api::routes().into_iter();
    routes.filter_map(|route| Some(((route.method.to_string(), route.path), area(route.guard)?))).collect()
}

/// The samples of each area, and those of none.
fn by_area() -> BTreeMap<Option<Area>, Vec<Sample>> {
    let areas = areas();
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for sample in samples() {
        let area = areas.get(&(sample.method.to_string(), sample.path.clone())).copied();
        // The operation that is named in the samples lists records.
        let area = area.or(sample.path.ends_with("/{operation}").then_some(Area::History));
        found.entry(area).or_default().push(sample);
    }
    found
}

#[tokio::test]
async fn every_route_refuses_who_is_not_let_near_its_area() {
    let world = World::new().await;
    for (area, samples) in by_area() {
        world.let_near(&Area::all().filter(|other| Some(*other) != area).collect::<Vec<_>>());
        for sample in samples {
            let Some(area) = area else { continue };
            let answer = sample.ask(&world, Credentials::Of(&world.acme), &world.acme).await;
            check_refused(&sample, area, &answer, &world);
        }
    }
    assert!(world.has_live_calls());
}

#[tokio::test]
async fn every_route_asks_for_no_other_area_than_its_own() {
    for (area, samples) in by_area() {
        let mut world = World::new().await;
        for sample in samples {
            // A form needs a page that it is on.
            let page = Some(Area::History).filter(|page| sample.is_page() && Some(*page) != area);
            let near: Vec<_> = area.or(Some(Area::System)).into_iter().chain(page).collect();
            world.let_near(&near);
            let answer = sample.ask(&world, Credentials::Of(&world.acme), &world.acme).await;
            assert_eq!(answer.status, sample.owner, "{sample}: {}", answer.text());
            if sample.method != "GET" {
                world = World::new().await;
            }
        }
    }
}

#[track_caller]
fn check_refused(sample: &Sample, area: Area, answer: &Answer, world: &World) {
    // The telephony dialect knows no 403.
    let of_telephony = ["/accounts/{account}/", "/t/vbc.prod/vis/"];
    let is_telephony = answer.status == 401 && of_telephony.iter().any(|part| sample.path.contains(part));
    assert!(answer.status == 403 || is_telephony, "{sample}: {} {}", answer.status, answer.text());
    world.acme.check_unseen(answer, sample, &sample.sent(&world.acme));
    let has_token = !sample.path.starts_with("/api/") || sample.path.starts_with("/api/rest/");
    if has_token && !sample.is_page() {
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{}\"", area.name());
        assert_eq!(answer.header("www-authenticate"), challenge, "{sample}");
    }
}

#[tokio::test]
async fn every_route_refuses_without_credentials_and_with_wrong_ones() {
    let world = World::new().await;
    for sample in samples() {
        for (credentials, status) in [(Credentials::None, sample.nobody), (Credentials::Wrong, sample.wrong)]
        {
            let answer = sample.ask(&world, credentials, &world.acme).await;
            assert_eq!(answer.status, status, "{sample} {credentials:?}: {}", answer.text());
            world.acme.check_unseen(&answer, &sample, &sample.sent(&world.acme));
        }
    }
    assert!(world.has_live_calls());
}

#[tokio::test]
async fn every_route_answers_its_owner_and_most_tell_what_others_must_not_see() {
    let (mut telling, mut own) = (0, 0);
    for sample in samples() {
        let world = World::new().await;
        let answer = sample.ask(&world, Credentials::Of(&world.acme), &world.acme).await;
        assert_eq!(answer.status, sample.owner, "{sample}");
        own += usize::from(!sample.is_common && !answer.body.is_empty());
        telling += usize::from(world.acme.is_seen(&answer));
    }
    assert!(telling * 3 > own * 2, "{telling} of {own}");
}

#[tokio::test]
async fn another_customers_user_sees_and_changes_nothing() {
    for sample in samples() {
        let world = World::new().await;
        let credentials = Credentials::Of(&world.globex);
        let foreign = sample.ask(&world, credentials, &world.acme).await;
        assert_eq!(foreign.status, sample.stranger, "{sample}: {}", foreign.text());
        world.acme.check_unseen(&foreign, &sample, &sample.sent(&world.acme));
        let own = sample.ask(&world, credentials, &world.globex).await;
        assert_eq!(own.status, sample.owner, "{sample}: {}", own.text());
        world.acme.check_unseen(&own, &sample, "");
        assert!(world.acme.has_live_call(&world.server), "{sample}");
    }
}

#[tokio::test]
async fn open_routes_tell_nothing_of_any_customer() {
    let world = World::new().await;
    let auth = "/api/rest/customer/v1/auth";
    let answers = [
        world.server.get("/healthz").send().await,
        world.server.get("/livez").send().await,
        world.server.get("/readyz").send().await,
        world.server.post(auth).body(r#"{"auth":{"login":"ann","password":"x"}}"#).await,
        world.server.delete(auth).send().await,
        world.server.get("/metrics").send().await,
        world.server.get("/authorize").send().await,
        world.server.post("/authorize").send().await,
        world.server.post("/token").send().await,
        world.server.post("/revoke").send().await,
        world.server.get("/metrics").from([127, 0, 0, 1]).send().await,
        world.server.get("/api/metadata").send().await,
        world.server.get("/api/json/metadata?op=ListCallRecordsRequest").send().await,
        world.server.get("/api/types/metadata").send().await,
        world.server.get("/api/types/typescript").send().await,
        world.server.get("/console/sign-in").send().await,
        world.server.post("/console/sign-in").body("login=ann&password=x").await,
        world.server.post("/console/sign-out").send().await,
        world.server.get("/console/assets/console.js").send().await,
        world.server.get("/openapi").send().await,
        world.server.get("/openapi/v1.json").send().await,
        world.server.get("/openapi/yeti.json").send().await,
        world.server.get("/openapi/vonage.json").send().await,
        world.server.get("/openapi/hostedsuite.json").send().await,
    ];
    assert_eq!(answers[5].status, 403);
    for answer in answers {
        for estate in [&world.acme, &world.globex] {
            estate.check_unseen(&answer, &"an open route", "");
        }
    }
}
