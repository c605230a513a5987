// JsSIP, as npm has it.

import { openPacked } from "./packed.mjs";

export const open = (page, settings, tells) => openPacked(page, settings, tells, `
import JsSIP from "jssip";
const { url, domain, user, secret } = window.settings;
const sessions = new Map();
const options = { mediaConstraints: { audio: true, video: false } };
const uri = (number) => \`sip:\${number}@\${domain}\`;
const agent = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(url)], uri: uri(user), password: secret,
  connection_recovery_min_interval: 1, connection_recovery_max_interval: 2,
});
agent.on("registered", () => told("registered"));
agent.on("registrationFailed", ({ cause }) => told("error", "registration", cause));
agent.on("newRTCSession", ({ originator, session }) => {
  const number = session.remote_identity.uri.user;
  sessions.set(number, session);
  const tell = (state) => told("call", number, state);
  session.on("progress", () => originator === "local" && tell("ringing"));
  session.on("confirmed", () => tell("talking"));
  session.on("failed", ({ cause }) => tell("ended " + cause));
  session.on("ended", () => tell("ended"));
  if (originator === "remote") tell("incoming");
});
agent.start();
const of = (number) => sessions.get(number);
window.phone = {
  call: (number) => void agent.call(uri(number), options),
  answer: (number) => void of(number).answer(options),
  decline: (number) => void of(number).terminate({ status_code: 603 }),
  hangup: (number) => void of(number).terminate(),
  hold: (number) => void of(number).hold({}, () => told("call", number, "held")),
  resume: (number) => void of(number).unhold({}, () => told("call", number, "talking")),
  transfer: (number, to) => void of(number).refer(uri(to), { eventHandlers: { accepted: () => of(number).terminate() } }),
  connect: (number, other) => void of(number).refer(of(other).remote_identity.uri, {
    replaces: of(other), eventHandlers: { accepted: () => of(number).terminate() },
  }),
  press: (number, digits) => void of(number).sendDTMF(digits, { transportType: "RFC2833" }),
};
`);
