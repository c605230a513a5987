//! `GET /termination-active-calls`.

use super::{TERMINATION, minute_counts, office_calls};
use crate::{
    harness::Server,
    yeti::{CARRIER, OFFICE},
};

#[tokio::test]
async fn each_filter_keeps_the_calls_that_it_describes() {
    let server = Server::start().await;
    office_calls(&server, "+14155550199", "11:00:40", 25).await;
    office_calls(&server, "+493012345678", "11:01:30", 60).await;
    office_calls(&server, "14155550123", "11:03:30", 60).await;
    let cases = [
        ("", [0, 1, 1, 0, 1, 0]),
        ("src-country-id=840", [0, 0, 0, 0, 0, 0]),
        ("dst-country-id=276", [0, 0, 1, 0, 0, 0]),
        ("src-prefix-routing-eq=101", [0, 1, 1, 0, 1, 0]),
        ("src-prefix-routing-starts-with=2", [0, 0, 0, 0, 0, 0]),
        ("src-prefix-routing-ends-with=1", [0, 1, 1, 0, 1, 0]),
        ("src-prefix-routing-contains=0", [0, 1, 1, 0, 1, 0]),
        ("dst-prefix-routing-eq=14155550199", [0, 1, 0, 0, 0, 0]),
        ("dst-prefix-routing-starts-with=1415", [0, 1, 0, 0, 1, 0]),
        ("dst-prefix-routing-ends-with=678", [0, 0, 1, 0, 0, 0]),
        ("dst-prefix-routing-contains=555", [0, 1, 0, 0, 1, 0]),
        ("duration-eq=30", [0, 0, 1, 0, 1, 0]),
        ("duration-gt=29", [0, 0, 1, 0, 1, 0]),
        ("duration-lt=30", [0, 1, 0, 0, 0, 0]),
        ("vendor-price-gt=0.0015", [0, 0, 1, 0, 1, 0]),
        ("dst-country-id=840&duration-gt=20", [0, 0, 0, 0, 1, 0]),
    ];
    for (filter, expected) in cases {
        assert_eq!(minute_counts(&server, TERMINATION, CARRIER, filter).await, expected, "{filter}");
        assert_eq!(minute_counts(&server, TERMINATION, OFFICE, filter).await, [0; 6], "{filter}");
    }
}

#[tokio::test]
async fn the_price_of_a_termination_is_what_the_taking_account_is_paid() {
    let server = Server::start().await;
    // Answered at 11:00:40: 0.002 at 11:01, 0.008 at 11:02.
    office_calls(&server, "+14155550199", "11:00:30", 110).await;
    let cases = [
        ("", [0, 1, 1, 0, 0, 0]),
        ("vendor-price-eq=0.002", [0, 1, 0, 0, 0, 0]),
        ("vendor-price-gt=0.002", [0, 0, 1, 0, 0, 0]),
        ("vendor-price-lt=0.008", [0, 1, 0, 0, 0, 0]),
        ("customer-price-gt=abc&auth-orig-ip=x", [0, 1, 1, 0, 0, 0]),
    ];
    for (filter, expected) in cases {
        assert_eq!(minute_counts(&server, TERMINATION, CARRIER, filter).await, expected, "{filter}");
    }
}
