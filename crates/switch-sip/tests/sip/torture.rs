//! The messages of RFC 4475, and worse: none does harm, and each that can be answered is.

use crate::support::{Agent, Office};

/// The messages that are in this folder, and the status that each is answered with; 0 for none.
macro_rules! messages {
    ($($name:ident $status:literal,)*) => {
        [$((stringify!($name), $status, include_bytes!(concat!("torture/", stringify!($name), ".sip")) as &[u8]),)*]
    };
}

const MESSAGES: [(&str, u16, &[u8]); 48] = messages! {
    wsinv 481, intmeth 501, esc01 407, escnull 401, esc02 501, lwsdisp 200, dblreq 401, semiuri 200,
    transports 200, unreason 0, noreason 0, badinv01 400, clerr 400, ncl 400, scalar02 400, scalarlg 0,
    quotbal 400, ltgtruri 400, lwsruri 400, lwsstart 400, trws 400, escruri 407, regbadct 401, badaspec 200,
    baddn 200, badvers 505, mismatch01 400, mismatch02 400, bigcode 0, badbranch 200, insuf 0, unkscm 416,
    novelsc 416, bext01 420, invut 415, regaut01 401, multi01 400, mcl01 400, bcast 0, zeromf 200,
    cparam01 401, cparam02 401, sdp01 407, inv2543 400, baddate 407,
    regescrt 401, unksm2 401, longreq 407,
};

#[tokio::test]
async fn each_torture_message_gets_its_answer() {
    let office = Office::open().await;
    let mut wrong = Vec::new();
    for (name, status, bytes) in MESSAGES {
        let agent = Agent::new(office.server, "x", "x").await;
        agent.send_bytes(bytes).await;
        // An OPTIONS behind it shows that there is no answer to wait for.
        agent.send(&agent.outside("OPTIONS", "sip:test", 1, &[], "")).await;
        let mut first = agent.next().await;
        if first.status() == 100 {
            first = agent.next().await;
        }
        let got = if first.header("Call-ID").contains(name) { first.status() } else { 0 };
        if got != status {
            wrong.push(format!("{name}: {got} for {status}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
