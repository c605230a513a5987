// A dialog: what two ends have agreed to name it, and where its requests go (RFC 3261 section 12).

import { Message, readAddress, splitList, token } from "./message.js";

export class Dialog {
  #sequence = 1;

  /** Of an INVITE that we have sent, and a response to it. */
  static ofResponse(invite, response) {
    const routes = response.all("Record-Route").flatMap(splitList).reverse();
    const target = readAddress(response.header("Contact") ?? `<${invite.uri}>`).uri;
    const dialog = new Dialog(invite.header("Call-ID"), invite.header("From"), response.header("To"), target, routes);
    dialog.#sequence = invite.cseq.number;
    return dialog;
  }

  /** Of an INVITE that we have got. */
  static ofRequest(invite, tag) {
    const routes = invite.all("Record-Route").flatMap(splitList);
    const target = readAddress(invite.header("Contact") ?? "").uri;
    return new Dialog(invite.header("Call-ID"), `${invite.header("To")};tag=${tag}`, invite.header("From"), target, routes);
  }

  constructor(callId, local, remote, target, routes) {
    Object.assign(this, { callId, local, remote, target, routes });
  }

  /** Whether a request belongs to it. */
  owns(request) {
    const tag = (value) => readAddress(value ?? "").params.tag;
    return request.header("Call-ID") === this.callId && tag(request.header("To")) === tag(this.local)
      && tag(request.header("From")) === tag(this.remote);
  }

  /** A request of it, the next one in order. */
  request(method, contact, headers = [], body = "") {
    this.#sequence += method === "ACK" ? 0 : 1;
    return this.#write(method, this.#sequence, contact, headers, body);
  }

  /** Acknowledges an answer, which has the number of its INVITE (RFC 3261 section 13.2.2.4). */
  acknowledge(answer, contact) {
    return this.#write("ACK", answer.cseq.number, contact, [], "");
  }

  /** As a Replaces header names it (RFC 3891), as its other end sees it. */
  get replaces() {
    const tag = (value) => readAddress(value).params.tag ?? "";
    return `${this.callId};to-tag=${tag(this.remote)};from-tag=${tag(this.local)}`;
  }

  #write(method, sequence, contact, headers, body) {
    return new Message({ method, uri: this.target }, [
      ...this.routes.map((route) => ["Route", route]),
      ["From", this.local], ["To", this.remote], ["Call-ID", this.callId], ["CSeq", `${sequence} ${method}`],
      ["Max-Forwards", "70"], ["Contact", contact], ...headers,
    ], body);
  }
}

/** An INVITE that begins one. */
export function invite(from, to, contact, headers, body) {
  return new Message({ method: "INVITE", uri: to }, [
    ["From", `${from};tag=${token()}`], ["To", `<${to}>`], ["Call-ID", token()], ["CSeq", "1 INVITE"],
    ["Max-Forwards", "70"], ["Contact", contact], ...headers,
  ], body);
}
