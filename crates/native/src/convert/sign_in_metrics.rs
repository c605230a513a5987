//! How many links there are that sign somebody in, in OpenMetrics.

use std::{fmt::Write, time::Duration};

use http_core::sign_in_links::SignInLinks;

/// Adds it to an OpenMetrics text that is whole. `now` is monotonic.
pub fn append(text: &mut String, links: &SignInLinks, now: Duration) {
    let end = text.strip_suffix("# EOF\n").map_or(text.len(), str::len);
    text.truncate(end);
    let written = write!(
        text,
        "# HELP trunkline_sign_in_links Links that sign somebody in once, and that nobody has used.\n\
         # TYPE trunkline_sign_in_links gauge\ntrunkline_sign_in_links {}\n# EOF\n",
        links.count(now)
    );
    written.expect("memory takes everything");
}
