// SIP.js, as npm has it.

import { openPacked } from "./packed.mjs";

export const open = (page, settings, tells) => openPacked(page, settings, tells, `
import { Inviter, Registerer, SessionState, UserAgent } from "sip.js";
const { url, domain, user, secret } = window.settings;
const sessions = new Map();
const uri = (number) => UserAgent.makeURI(\`sip:\${number}@\${domain}\`);
function keep(number, session, isIncoming) {
  sessions.set(number, session);
  const tell = (state) => told("call", number, state);
  session.stateChange.addListener((state) => {
    if (state === SessionState.Established) tell("talking");
    if (state === SessionState.Terminated) tell("ended");
  });
  if (isIncoming) tell("incoming");
  return session;
}
const agent = new UserAgent({
  uri: uri(user), authorizationUsername: user, authorizationPassword: secret, logLevel: "error",
  transportOptions: { server: url },
  sessionDescriptionHandlerFactoryOptions: { iceGatheringTimeout: 500 },
  delegate: {
    onInvite: (invitation) => keep(invitation.remoteIdentity.uri.user, invitation, true),
    onDisconnect: (error) => error && again(),
  },
});
const registerer = new Registerer(agent);
const register = () => registerer.register({
  requestDelegate: { onReject: ({ message }) => told("error", "registration", message.statusCode), onAccept: () => told("registered") },
});
async function again() {
  try {
    await agent.reconnect();
    await register();
  } catch {
    setTimeout(again, 500);
  }
}
void agent.start().then(register);
const of = (number) => sessions.get(number);
const held = (number, hold) => {
  const session = of(number);
  const options = { hold };
  session.sessionDescriptionHandlerOptionsReInvite = options;
  return session.invite({
    sessionDescriptionHandlerOptions: options,
    requestDelegate: {
      onAccept: () => told("call", number, hold ? "held" : "talking"),
      onReject: ({ message }) => told("error", "hold", message.statusCode),
    },
  });
};
const refer = (number, to) => of(number).refer(to, {
  onNotify: (notification) => {
    notification.accept();
    if (/^SIP\\/2.0 2/.test(notification.request.body)) of(number).bye();
  },
});
window.phone = {
  call: (number) => {
    const session = keep(number, new Inviter(agent, uri(number), { earlyMedia: true }));
    return void session.invite({ requestDelegate: { onProgress: () => told("call", number, "ringing") } });
  },
  answer: (number) => void of(number).accept(),
  decline: (number) => void of(number).reject({ statusCode: 603 }),
  hangup: (number) => {
    const session = of(number);
    return void (session.state === SessionState.Established ? session.bye() : session.cancel());
  },
  hold: (number) => void held(number, true),
  resume: (number) => void held(number, false),
  transfer: (number, to) => void refer(number, uri(to)),
  connect: (number, other) => void refer(number, of(other)),
  press: (number, digits) => void of(number).sessionDescriptionHandler.sendDtmf(digits),
};
`);
