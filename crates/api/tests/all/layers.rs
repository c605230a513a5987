//! What is so for every route, whatever the dialect: hosts, encodings, other methods, web pages.

mod allow;
mod conditional;
mod cors;
mod encoding;
mod hosts;
mod wire;

use http_core::Endpoint;

/// A path of a route, with something in the place of its parameters.
fn path(route: &Endpoint) -> String {
    let steps = route.path.split('/').map(|step| if step.starts_with('{') { "7" } else { step });
    steps.collect::<Vec<_>>().join("/")
}
