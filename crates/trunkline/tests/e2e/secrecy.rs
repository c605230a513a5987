//! Secrets, phone numbers and names do not reach the log, however much is logged.

use testkit::sipp::Sipp;

use crate::{
    directory::{PASSWORD, SECRET},
    scene::{OUTSIDE, Scene},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_tells_no_secret_no_number_and_no_name() {
    let scene = Scene::new();
    let phone = scene.phone("1002", Sipp::scenario("uas-answer")).await;
    let named = |scenario| scene.caller(scenario).key("caller_name", "Rumpelstilzchen");
    named("uac-answered").calling("1002").spawn().await.unwrap().wait().await.unwrap();
    phone.wait().await.unwrap();
    let trunk = scene.first(Sipp::scenario("uas-busy")).await;
    named("uac-expect-486").spawn().await.unwrap().wait().await.unwrap();
    trunk.wait().await.unwrap();
    scene.server.wait_for_metric(crate::scene::RECORDED, 2).await;
    crate::harness::Yeti::login(&scene.server).await.export().await;
    crate::harness::Records::all(&scene.server).await;
    crate::harness::vonage::calls(&scene.server).await;

    let log = scene.setup.log();
    assert!(log.lines().count() > 10, "the test sees the log");
    let digits = OUTSIDE.trim_start_matches('+');
    for word in
        [PASSWORD, SECRET, "office-token", "Rumpelstilzchen", "Desk 100", digits, "sip:1001", "sip:1002"]
    {
        let line = log.lines().find(|line| line.contains(word));
        assert!(line.is_none(), "{word:?} is in the log: {line:?}");
    }
}
