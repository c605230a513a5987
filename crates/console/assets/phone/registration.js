// Being reachable: REGISTER over a flow (RFC 3261 section 10, RFC 5626), with a bearer token (RFC 8898).

import { Message, readAddress, splitList, token } from "./message.js";

/** How long, in seconds, a binding is asked for; it is renewed at half of what is granted. */
const EXPIRES = 600;

export class Registration {
  #connection;
  #fetchSettings;
  #settings;
  #callId = token();
  #sequence = 0;
  #timer;

  /** `fetchSettings()` gives the settings, with a token that is good for a while. */
  constructor(connection, fetchSettings) {
    this.#connection = connection;
    this.#fetchSettings = fetchSettings;
    /** What requests of ours name as Contact: the globally routable one (RFC 5627), once there is one. */
    this.contact = undefined;
  }

  /** Registers, and keeps registered; the final response. */
  async begin() {
    const response = await this.#register(EXPIRES);
    if (response.status === 200) this.#take(response);
    return response;
  }

  /** Takes the binding back. */
  async end() {
    clearTimeout(this.#timer);
    if (this.#connection.isOpen) await this.#register(0);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #own(params) {
    return `<sip:${this.#settings.user}@${this.#connection.host};transport=ws>${params}`;
  }

  async #register(expires) {
    this.#settings = await this.#fetchSettings();
    const { address, domain, bearer, instance } = this.#settings;
    this.contact ??= this.#own("");
    const params = `;+sip.instance="<urn:uuid:${instance}>";reg-id=1;expires=${expires}`;
    return this.#connection.request(new Message({ method: "REGISTER", uri: `sip:${domain}` }, [
      ["From", `<${address}>;tag=${token()}`], ["To", `<${address}>`], ["Call-ID", this.#callId],
      ["CSeq", `${++this.#sequence} REGISTER`], ["Max-Forwards", "70"], ["Contact", this.#own(params)],
      ["Supported", "outbound, gruu, path"], ["Authorization", `Bearer ${bearer}`],
    ]));
  }

  #take(response) {
    const { instance } = this.#settings;
    const bindings = response.all("Contact").flatMap(splitList).map(readAddress);
    const ours = bindings.find(({ params }) => params["+sip.instance"] === `<urn:uuid:${instance}>`);
    const routable = ours?.params["temp-gruu"] ?? ours?.params["pub-gruu"];
    if (routable) this.contact = `<${routable}>`;
    const granted = Number(ours?.params.expires ?? response.header("Expires") ?? EXPIRES);
    this.#timer = setTimeout(() => void this.begin().catch(() => {}), granted * 500);
  }
}
