// A call as one of its ends sees it. Dispatches `change` when its state does, and `heard` with the other end's sound.

import { Dialog, invite as inviteTo } from "./dialog.js";
import { readAddress, userOf, token } from "./message.js";

/** What we can do, in a dialog. */
const ALLOW = ["Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, REFER, NOTIFY, UPDATE, INFO, MESSAGE"];
const SUPPORTED = ["Supported", "replaces, outbound, gruu"];
const SDP = ["Content-Type", "application/sdp"];

/** States: "calling", "ringing" (there, or here if `isIncoming`), "talking", "held", "ended". */
export class Call extends EventTarget {
  #phone;
  #dialog;
  #invite;
  #answerBody;
  #tag = token();

  constructor(phone, { isIncoming, other, name = "" }) {
    super();
    this.#phone = phone;
    Object.assign(this, { isIncoming, other, name, state: isIncoming ? "ringing" : "calling", reason: "", isMuted: false });
    this.sound = undefined;
  }

  /** One that has come. */
  static ofInvite(phone, invite) {
    const from = readAddress(invite.header("P-Asserted-Identity") ?? invite.header("From") ?? "");
    const call = new Call(phone, { isIncoming: true, other: userOf(from.uri), name: from.name });
    call.#invite = invite;
    call.#dialog = Dialog.ofRequest(invite, call.#tag);
    phone.connection.respond(invite, 180, "Ringing", { tag: call.#tag, headers: [["Contact", phone.contact], ALLOW] });
    return call;
  }

  /** Whether a request is of this call. */
  owns(request) {
    if (request.method === "CANCEL") return this.#invite?.header("Call-ID") === request.header("Call-ID");
    return this.#dialog?.owns(request) ?? false;
  }

  get dialog() {
    return this.#dialog;
  }

  get isOver() {
    return this.state === "ended";
  }

  // What its owner wants.

  /** Calls; `headers` go into the INVITE. */
  async place(uri, headers = []) {
    this.sound = await this.#open();
    const offer = await this.sound.offer();
    const { from, contact } = this.#phone;
    const all = [ALLOW, SUPPORTED, this.#phone.authorization, SDP, ...headers];
    this.#invite = inviteTo(from, uri, contact, all, offer);
    let response;
    try {
      response = await this.#phone.connection.request(this.#invite, (provisional) => void this.#hear(provisional));
    } catch {
      return this.#end("the connection to the server is gone");
    }
    return response.status < 300 ? this.#answered(response) : this.#end(response.status === 487 ? "" : response.reason);
  }

  async answer() {
    this.sound = await this.#open();
    const hasOffer = this.#invite.body !== "";
    const body = hasOffer ? await this.sound.answer(this.#invite.body) : await this.sound.offer();
    if (body === undefined) return this.#refuse(488, "Not Acceptable Here");
    this.#answerBody = body;
    const headers = [["Contact", this.#phone.contact], ALLOW, SUPPORTED, SDP];
    this.#phone.connection.respond(this.#invite, 200, "OK", { tag: this.#tag, headers, body });
    return this.#change("talking");
  }

  decline() {
    this.#refuse(603, "Decline");
  }

  hangUp() {
    if (this.isOver) return;
    if (this.state === "ringing" && this.isIncoming) return void this.decline();
    if (this.#dialog !== undefined && this.state !== "calling" && this.state !== "ringing") {
      void this.#ask("BYE").catch(() => {});
    } else {
      this.#phone.connection.cancel(this.#invite);
    }
    this.#end("");
  }

  hold() {
    return this.#direct("sendonly", "held");
  }

  resume() {
    return this.#direct("sendrecv", "talking");
  }

  mute(isMuted) {
    this.isMuted = isMuted;
    if (this.sound) this.sound.isMuted = isMuted;
    this.#change(this.state);
  }

  /** Sends the other party to somebody else (RFC 5589); false if that was refused. */
  transfer(uri) {
    return this.#refer(`<${uri}>`);
  }

  /** Connects the other party with that of another call of ours. */
  transferTo(other) {
    const { uri } = readAddress(other.dialog.remote);
    return this.#refer(`<${uri}?Replaces=${encodeURIComponent(other.dialog.replaces)}>`);
  }

  /** The flow to the server is there again: the other end learns of the new one (RFC 5626 section 4.3). */
  reconnect() {
    if (this.state === "talking" || this.state === "held") {
      void this.#direct(this.state === "held" ? "sendonly" : "sendrecv", this.state);
    }
  }

  /** Ends it without a word, as nobody can be told. */
  drop(reason) {
    this.#end(reason);
  }

  // What the server says.

  /** A request of its dialog. */
  async take(request) {
    const ok = (more) => this.#phone.connection.respond(request, 200, "OK", { tag: this.#tag, ...more });
    switch (request.method) {
      case "CANCEL":
        ok();
        return this.#refuse(487, "Request Terminated");
      case "ACK":
        if (request.body !== "" && this.#invite?.body === "") await this.sound?.accept(request.body);
        return undefined;
      case "BYE":
        ok();
        return this.#end("");
      case "INVITE":
      case "UPDATE":
        return this.#offered(request, ok);
      case "NOTIFY":
        ok();
        return this.#notified(request.body);
      default:
        return ok();
    }
  }

  async #offered(request, ok) {
    this.#renamed(request);
    const headers = [["Contact", this.#phone.contact], ALLOW, SUPPORTED];
    if (request.body === "" && request.method === "UPDATE") return ok({ headers });
    const direction = this.state === "held" ? "sendonly" : "sendrecv";
    const body = request.body === "" ? await this.sound.offer(direction) : await this.sound.answer(request.body, direction);
    if (body === undefined) return this.#phone.connection.respond(request, 488, "Not Acceptable Here", { tag: this.#tag });
    return ok({ headers: [...headers, SDP], body });
  }

  /** Who the other party is now (RFC 4916). */
  #renamed(request) {
    const asserted = request.header("P-Asserted-Identity");
    if (asserted === undefined) return;
    const { name, uri } = readAddress(asserted);
    [this.other, this.name] = [userOf(uri), name];
    this.#change(this.state);
  }

  /** How a transfer of ours goes on (RFC 3515): once the other party is connected elsewhere, we are no more needed. */
  #notified(fragment) {
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(fragment)?.[1] ?? 0);
    if (status >= 200 && status < 300) this.hangUp();
    if (status >= 300) this.#change(this.state, "the transfer failed");
  }

  async #hear(provisional) {
    if (this.isOver || provisional.status === 100) return;
    if (provisional.body !== "") await this.sound.accept(provisional.body, "pranswer");
    this.#change("ringing");
  }

  async #answered(response) {
    this.#dialog = Dialog.ofResponse(this.#invite, response);
    this.#phone.connection.sendAlone(this.#dialog.acknowledge(response, this.#phone.contact));
    // It was taken back, and the answer has crossed that.
    if (this.isOver) return void this.#ask("BYE").catch(() => {});
    await this.sound.accept(response.body);
    this.#renamed(response);
    return this.#change("talking");
  }

  async #direct(direction, state) {
    const offer = await this.sound.offer(direction);
    const response = await this.#ask("INVITE", [ALLOW, SUPPORTED, SDP], offer);
    if (response.status >= 300) return this.#change(this.state, response.reason);
    this.#phone.connection.sendAlone(this.#dialog.acknowledge(response, this.#phone.contact));
    await this.sound.accept(response.body);
    return this.#change(state);
  }

  async #refer(target) {
    const response = await this.#ask("REFER", [["Refer-To", target], ["Referred-By", this.#phone.from]]);
    if (response.status >= 300) this.#change(this.state, response.reason);
    return response.status < 300;
  }

  #ask(method, headers = [], body = "") {
    const all = [this.#phone.authorization, ...headers];
    return this.#phone.connection.request(this.#dialog.request(method, this.#phone.contact, all, body));
  }

  async #open() {
    const sound = await this.#phone.openSound();
    sound.addEventListener("heard", ({ detail }) => this.dispatchEvent(new CustomEvent("heard", { detail })));
    return sound;
  }

  #refuse(status, reason) {
    if (this.state !== "ringing" || !this.isIncoming) return;
    this.#phone.connection.respond(this.#invite, status, reason, { tag: this.#tag });
    this.#end("");
  }

  #end(reason) {
    if (this.isOver) return;
    this.sound?.close();
    this.#change("ended", reason);
  }

  #change(state, reason = "") {
    Object.assign(this, { state, reason });
    this.dispatchEvent(new Event("change"));
  }
}
