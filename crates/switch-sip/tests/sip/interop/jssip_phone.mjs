// JsSIP that does what it is told line by line, and tells what happens to it in the same way. Signalling is all
// JsSIP's own, over a WebSocket; where a browser has WebRTC, there is a peer that describes itself and is silent.
//
// Arguments: URL of the server, SIP user, secret.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(`${process.cwd()}/`);
const seen = [];
const print = (...words) => process.stdout.write(`${words.join(" ")}\n`);

class WebSocket extends require("ws") {
  constructor(url, protocols) {
    super(url, protocols);
    this.on("message", (data) => seen.push(data.toString()));
  }
}

let peers = 0;

/** What JsSIP asks of RTCPeerConnection. */
class PeerConnection extends EventTarget {
  iceGatheringState = "complete";
  iceConnectionState = "connected";
  signalingState = "stable";
  localDescription = null;
  remoteDescription = null;
  #id = ++peers;
  #version = 0;

  #describe(setup) {
    this.#version += 1;
    return [
      "v=0",
      `o=- ${this.#id} ${this.#version} IN IP4 127.0.0.1`,
      "s=-",
      "t=0 0",
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
      "c=IN IP4 127.0.0.1",
      "a=rtpmap:111 opus/48000/2",
      "a=rtpmap:0 PCMU/8000",
      `a=ice-ufrag:u${this.#id}`,
      `a=ice-pwd:p${this.#id}xxxxxxxxxxxxxxxxxxxxxx`,
      `a=fingerprint:sha-256 ${Array(32).fill(this.#id.toString(16).padStart(2, "0").toUpperCase()).join(":")}`,
      `a=setup:${setup}`,
      "a=mid:0",
      "a=sendrecv",
      "a=rtcp-mux",
      "",
    ].join("\r\n");
  }

  async createOffer() {
    return { type: "offer", sdp: this.#describe("actpass") };
  }

  async createAnswer() {
    return { type: "answer", sdp: this.#describe("active") };
  }

  async setLocalDescription(description) {
    this.localDescription = description;
    this.signalingState = description.type === "offer" ? "have-local-offer" : "stable";
  }

  async setRemoteDescription(description) {
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
  }

  addTrack() {}
  addStream() {}
  getSenders() {
    return [];
  }
  getReceivers() {
    return [];
  }
  close() {
    this.signalingState = "closed";
  }
}

Object.assign(globalThis, {
  window: globalThis,
  WebSocket,
  RTCPeerConnection: PeerConnection,
  RTCSessionDescription: class {
    constructor(description) {
      Object.assign(this, description);
    }
  },
});

const JsSIP = require("jssip");
const [url, user, secret] = process.argv.slice(2);
const host = new URL(url).host;
const media = { getTracks: () => [], getAudioTracks: () => [], getVideoTracks: () => [] };
const sessions = [];

const phone = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(url)],
  uri: `sip:${user}@${host}`,
  authorization_user: user,
  password: secret,
  session_timers: false,
});

function keep(session) {
  const number = sessions.push(session) - 1;
  const on = (event, tell) => session.on(event, tell);
  on("progress", ({ originator, response }) => {
    if (originator === "remote") print("ringing", number, response.status_code);
  });
  on("confirmed", () => print("answered", number));
  on("hold", ({ originator }) => originator === "remote" && print("media", number, "held"));
  on("unhold", ({ originator }) => originator === "remote" && print("media", number, "talks"));
  on("failed", ({ message, cause }) => print("ended", number, message?.status_code ?? cause));
  on("ended", () => print("ended", number, 200));
  return number;
}

phone.on("registered", () => print("registered"));
phone.on("newRTCSession", ({ originator, session }) => {
  const number = keep(session);
  if (originator === "remote") print("incoming", number, session.remote_identity.toString());
});
phone.start();

const outcomes = (number) => ({
  eventHandlers: Object.fromEntries(
    ["accepted", "failed"].map((event) => [
      event,
      ({ status_line: status }) => print("transfer", number, status?.status_code ?? 0),
    ]),
  ),
});

const verbs = {
  call: (number) => phone.call(`sip:${number}@${host}`, { mediaStream: media }),
  answer: (at, code) =>
    code === "200" ? sessions[at].answer({ mediaStream: media }) : sessions[at].terminate({ status_code: Number(code) }),
  hangup: (at) => sessions[at].terminate(),
  // Answers and hangs up in one go.
  leave: (at) => {
    sessions[at].on("accepted", () => sessions[at].terminate());
    verbs.answer(at, "200");
  },
  hold: (at) => sessions[at].hold({}, () => print("media", at, "holds")),
  resume: (at) => sessions[at].unhold({}, () => print("media", at, "talks")),
  transfer: (at, number) => sessions[at].refer(`sip:${number}@${host}`, outcomes(at)),
  replace: (at, other) =>
    sessions[at].refer(sessions[other].remote_identity.uri, { ...outcomes(at), replaces: sessions[other] }),
  // A key that shows what another extension does (RFC 4235).
  watch: (number) => {
    const options = { expires: 600, params: {} };
    const watched = phone.subscribe(`sip:${number}@${host}`, "dialog", "application/dialog-info+xml", options);
    watched.on("notify", (_, request, body) => print("lamp", /<state>(\w+)</.exec(body)?.[1] ?? "dark"));
    watched.on("terminated", (code) => print("error", "the key is not lit any more:", code));
    watched.subscribe();
  },
  seen: (...words) => print("seen", seen.some((text) => text.includes(words.join(" "))) ? "yes" : "no"),
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const [verb, ...rest] = line.split(" ");
    try {
      verbs[verb](...rest);
    } catch (error) {
      print("error", error.message);
    }
  })
  .on("close", () => process.exit(0));
