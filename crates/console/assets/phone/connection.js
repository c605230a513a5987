// SIP over WebSocket (RFC 7118), with the transactions that a reliable transport needs (RFC 3261 section 17).

import { Message, parse, token } from "./message.js";

/** How long a final response is waited for: 64 times T1, in milliseconds. */
const TIMER_B = 32_000;
/** Between keep-alives, and how long their answer is waited for (RFC 5626 section 4.4.1), in milliseconds. */
const PING_EVERY = 25_000;
const PONG_WITHIN = 10_000;

/** The connection is gone before the answer came. */
export class Disconnected extends Error {}

/** A flow to the server. Dispatches `request` (detail: the message) and `close`. */
export class Connection extends EventTarget {
  #socket;
  #waiting = new Map();
  #ping;
  #pong;

  /** Opens it. */
  static open(url) {
    return new Promise((resolve, reject) => {
      const connection = new Connection(new WebSocket(url, "sip"));
      connection.#socket.addEventListener("open", () => resolve(connection), { once: true });
      connection.#socket.addEventListener("error", () => reject(new Disconnected()), { once: true });
    });
  }

  constructor(socket) {
    super();
    this.#socket = socket;
    /** How we are named in Via and Contact: a browser has no address to name (RFC 7118 section 5). */
    this.host = `${token()}.invalid`;
    socket.addEventListener("message", ({ data }) => this.#take(data));
    socket.addEventListener("close", () => this.#closed());
    this.#ping = setInterval(() => this.#keepAlive(), PING_EVERY);
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close() {
    this.#socket.close();
  }

  /** Sends a request; its final response. `hear` is given each provisional one. */
  request(message, hear = () => {}) {
    const branch = `z9hG4bK${token()}`;
    message.headers.unshift(this.#via(branch));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(branch, new Message({ status: 408, reason: "Request Timeout" })), TIMER_B);
      this.#waiting.set(branch, { message, hear, resolve, reject, timer });
      this.#send(message) || this.#settle(branch, undefined);
    });
  }

  /** Takes an INVITE back (RFC 3261 section 9.1). */
  cancel(invite) {
    const same = ["Via", "From", "To", "Call-ID", "Route"].flatMap((name) => invite.all(name).slice(0, name === "Route" ? undefined : 1).map((value) => [name, value]));
    const cseq = ["CSeq", `${invite.cseq.number} CANCEL`];
    this.#send(new Message({ method: "CANCEL", uri: invite.uri }, [...same, cseq, ["Max-Forwards", "70"]]));
  }

  /** Sends what is not answered: an ACK. */
  sendAlone(message) {
    message.headers.unshift(this.#via(`z9hG4bK${token()}`));
    this.#send(message);
  }

  /** Answers a request. */
  respond(request, status, reason, { tag, headers = [], body = "" } = {}) {
    const copied = ["Via", "Record-Route", "From", "To", "Call-ID", "CSeq"].flatMap((name) => request.all(name).map((value) => [name, value]));
    const to = copied.find(([name]) => name === "To");
    if (tag !== undefined && to !== undefined && !/;\s*tag=/i.test(to[1])) to[1] += `;tag=${tag}`;
    this.#send(new Message({ status, reason }, [...copied, ...headers], body));
  }

  #via(branch) {
    return ["Via", `SIP/2.0/${this.#socket.url.startsWith("wss:") ? "WSS" : "WS"} ${this.host};branch=${branch};rport`];
  }

  #send(message) {
    if (!this.isOpen) return false;
    this.#socket.send(message.toString());
    return true;
  }

  #take(data) {
    if (typeof data !== "string" || data.trim() === "") return this.#heard();
    const message = parse(data);
    if (message === undefined) return;
    if (message.isRequest) return void this.dispatchEvent(new CustomEvent("request", { detail: message }));
    const branch = /branch=([^;,\s]+)/.exec(message.header("Via") ?? "")?.[1];
    const waiting = this.#waiting.get(branch);
    // The response to a CANCEL has the branch of its INVITE, and tells nothing.
    if (waiting === undefined || message.cseq.method !== waiting.message.method) return;
    if (message.status < 200) return void waiting.hear(message);
    if (waiting.message.method === "INVITE" && message.status >= 300) this.#acknowledge(waiting.message, message);
    this.#settle(branch, message);
  }

  /** A refusal's ACK belongs to the transaction (RFC 3261 section 17.1.1.3). */
  #acknowledge(invite, refusal) {
    const of = (message, name) => message.all(name).map((value) => [name, value]);
    const headers = [...of(invite, "Via"), ...of(invite, "Route"), ...of(invite, "From"), ...of(refusal, "To"), ...of(invite, "Call-ID")];
    const cseq = ["CSeq", `${invite.cseq.number} ACK`];
    this.#send(new Message({ method: "ACK", uri: invite.uri }, [...headers, cseq, ["Max-Forwards", "70"]]));
  }

  #settle(branch, response) {
    const waiting = this.#waiting.get(branch);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(branch);
    response === undefined ? waiting.reject(new Disconnected()) : waiting.resolve(response);
  }

  #keepAlive() {
    if (!this.isOpen) return;
    this.#socket.send("\r\n\r\n");
    this.#pong ??= setTimeout(() => this.close(), PONG_WITHIN);
  }

  #heard() {
    clearTimeout(this.#pong);
    this.#pong = undefined;
  }

  #closed() {
    clearInterval(this.#ping);
    this.#heard();
    for (const branch of [...this.#waiting.keys()]) this.#settle(branch, undefined);
    this.dispatchEvent(new Event("close"));
  }
}
