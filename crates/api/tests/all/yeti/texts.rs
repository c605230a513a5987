//! What is special in the texts and the sizes of this dialect's filters. What texts find is in `searches.rs`.

use crate::{
    harness::Server,
    searches::{World, escaped},
};

#[tokio::test]
async fn names_with_quotes_are_found_as_they_are_and_as_csv() {
    let server = World::of(vec!["a \"b\" c".to_owned(), "a b c".to_owned()]).await.server;
    for sent in ["a \"b\" c", "\"a \"\"b\"\" c\""] {
        let path = format!("/cdrs?filter[lega_user_agent_eq]={}", escaped(sent));
        let answer = server.yeti_get("ann", &path).send().await;
        assert_eq!(answer.json()["meta"]["total-count"], 1, "{sent}");
    }
}

#[tokio::test]
async fn requests_of_any_size_are_answered() {
    let server = Server::start().await;
    let values: Vec<_> = (0..3_000).map(|number| number.to_string()).collect();
    let values = values.join(",");
    let operators = ["eq", "not_eq", "cont", "start", "end", "in", "not_in", "cont_any"];
    let texts =
        ["src_name_in", "dst_prefix_in", "src_prefix_in", "lega_user_agent", "local_tag", "to_domain"];
    let all: String = texts
        .iter()
        .flat_map(|text| operators.iter().map(move |operator| format!("&filter[{text}_{operator}]=1")))
        .collect();
    let paths = [
        format!("/cdrs?filter[src_name_in_cont_any]={values}"),
        format!("/cdrs?filter[dst_prefix_in_in]={values}"),
        format!("/cdrs?filter[dst_prefix_in_not_in]={values}"),
        format!("/cdrs?filter[duration_in]={values}"),
        format!("/cdrs?filter[duration_not_in]={values}"),
        format!("/cdrs?filter[customer_price_in]={values}"),
        format!("/cdrs?filter[destination_fee_in]={values}"),
        format!("/cdrs?filter[id_in]={values}"),
        format!("/cdrs?filter[time_start_in]={}", ["2026-01-02"; 2_000].join(",")),
        format!("/incoming-cdrs?filter[sign_term_ip_cont_any]={values}"),
        format!("/cdrs?sort={}", ["duration", "-src-name-in"].repeat(1_500).join(",")),
        format!("/accounts?sort={}", ["name"; 3_000].join(",")),
        format!("/accounts?filter[name_cont_any]={values}"),
        format!("/cdrs?{all}"),
    ];
    for path in paths {
        let answer = server.yeti_get("ann", &path).send().await;
        assert_eq!(answer.status, 200, "{}: {}", path.split('=').next().unwrap(), answer.text());
    }
}
