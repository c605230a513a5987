// A phone: one flow to the server that comes again when it breaks, the registration over it, and the calls.

import { Call } from "./call.js";
import { Connection } from "./connection.js";
import { Registration } from "./registration.js";
import { Sound } from "./sound.js";

/** Between two tries to connect, in milliseconds, the first and the longest (RFC 5626 section 4.5). */
const FIRST_REST = 500;
const LONGEST_REST = 30_000;

/** Dispatches `state` (detail: "connecting", "ready" or "refused") and `call` (detail: one that has come). */
export class Phone extends EventTarget {
  #fetchSettings;
  #settings;
  #registration;
  #rest = FIRST_REST;
  #isWanted = true;

  /** `fetchSettings()` asks the server who we are; its token is good for a while only. */
  constructor(fetchSettings) {
    super();
    this.#fetchSettings = fetchSettings;
    this.calls = new Set();
    this.connection = undefined;
    this.microphone = "";
  }

  get address() {
    return this.#settings?.address ?? "";
  }

  get from() {
    return `<${this.#settings.address}>`;
  }

  get contact() {
    return this.#registration.contact;
  }

  get authorization() {
    return ["Proxy-Authorization", `Bearer ${this.#settings.bearer}`];
  }

  /** Connects and registers, again and again until that has worked. */
  async start() {
    this.#tell("connecting");
    try {
      await this.#connect();
      this.#rest = FIRST_REST;
    } catch {
      if (!this.#isWanted) return;
      setTimeout(() => void this.start(), this.#rest * (0.5 + Math.random() / 2));
      this.#rest = Math.min(this.#rest * 2, LONGEST_REST);
    }
  }

  /** Ends its calls and unregisters. */
  async stop() {
    this.#isWanted = false;
    for (const call of this.calls) call.hangUp();
    await this.#registration?.end().catch(() => {});
    this.connection?.close();
  }

  /** Calls a number. */
  place(number, headers) {
    const call = new Call(this, { isIncoming: false, other: number });
    this.#keep(call);
    void call.place(this.uriOf(number), headers).catch((error) => call.drop(error.message));
    return call;
  }

  uriOf(number) {
    return `sip:${encodeURIComponent(number).replace(/%2B/gi, "+")}@${this.#settings.domain}`;
  }

  openSound() {
    return Sound.open({ iceServers: this.#settings.ice_servers, microphone: this.microphone });
  }

  async #connect() {
    await this.#fetch();
    const connection = await Connection.open(this.#settings.web_socket);
    connection.addEventListener("request", ({ detail }) => void this.#take(detail));
    connection.addEventListener("close", () => this.#lost());
    this.connection = connection;
    this.#registration = new Registration(connection, () => this.#fetch());
    const response = await this.#registration.begin();
    if (response.status !== 200) return this.#tell("refused", response.reason);
    for (const call of this.calls) call.reconnect();
    return this.#tell("ready");
  }

  async #fetch() {
    this.#settings = await this.#fetchSettings();
    return this.#settings;
  }

  #lost() {
    this.#registration?.stop();
    if (this.#isWanted) void this.start();
  }

  async #take(request) {
    const call = [...this.calls].find((known) => known.owns(request));
    if (call !== undefined) return call.take(request);
    switch (request.method) {
      case "INVITE":
        return this.#arrived(request);
      case "OPTIONS":
        return this.connection.respond(request, 200, "OK");
      case "ACK":
        return undefined;
      default:
        return this.connection.respond(request, 481, "Call/Transaction Does Not Exist");
    }
  }

  #arrived(invite) {
    const call = Call.ofInvite(this, invite);
    this.#keep(call);
    this.dispatchEvent(new CustomEvent("call", { detail: call }));
  }

  #keep(call) {
    this.calls.add(call);
    call.addEventListener("change", () => {
      if (call.isOver) this.calls.delete(call);
    });
  }

  #tell(state, reason = "") {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, reason } }));
  }
}
