// SIP messages (RFC 3261 section 7), as text and as values.

const LONG_NAMES = { v: "via", f: "from", t: "to", i: "call-id", m: "contact", l: "content-length",
  c: "content-type", k: "supported", e: "content-encoding", s: "subject", r: "refer-to", b: "referred-by", o: "event" };

const long = (name) => LONG_NAMES[name.toLowerCase()] ?? name.toLowerCase();

/** A request (`method`, `uri`) or a response (`status`, `reason`), its headers in their order, and its body. */
export class Message {
  constructor(start, headers = [], body = "") {
    Object.assign(this, start);
    this.headers = headers;
    this.body = body;
  }

  get isRequest() {
    return this.method !== undefined;
  }

  /** The first value of a header; undefined if there is none. */
  header(name) {
    return this.all(name)[0];
  }

  all(name) {
    return this.headers.filter(([own]) => long(own) === long(name)).map(([, value]) => value);
  }

  /** What CSeq says: the number, and the method. */
  get cseq() {
    const [number, method] = (this.header("CSeq") ?? "").split(/\s+/);
    return { number: Number(number), method };
  }

  toString() {
    const start = this.isRequest ? `${this.method} ${this.uri} SIP/2.0` : `SIP/2.0 ${this.status} ${this.reason}`;
    const length = new TextEncoder().encode(this.body).length;
    const lines = [start, ...this.headers.map(([name, value]) => `${name}: ${value}`), `Content-Length: ${length}`];
    return `${lines.join("\r\n")}\r\n\r\n${this.body}`;
  }
}

/** Reads a message; undefined if the text is none. */
export function parse(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).replace(/\r\n[ \t]+/g, " ").split("\r\n");
  const start = readStart(first);
  const headers = lines.map(readHeader);
  if (start === undefined || headers.includes(undefined)) return undefined;
  return new Message(start, headers.filter(([name]) => long(name) !== "content-length"), text.slice(end + 4));
}

function readStart(line) {
  const response = /^SIP\/2\.0 (\d{3}) (.*)$/.exec(line);
  if (response) return { status: Number(response[1]), reason: response[2] };
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(line);
  return request ? { method: request[1], uri: request[2] } : undefined;
}

function readHeader(line) {
  const colon = line.indexOf(":");
  return colon > 0 ? [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] : undefined;
}

/** Splits a list at the commas that are neither quoted nor within angle brackets. */
export function splitList(value) {
  const parts = value.match(/(?:"(?:\\.|[^"\\])*"|<[^>]*>|[^,"<])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** What a name-addr says: display name, URI, and the parameters behind it (RFC 3261 section 20.10). */
export function readAddress(value) {
  const found = /^\s*(?:"((?:\\.|[^"\\])*)"|([^<"]*?))\s*<([^>]*)>(.*)$/.exec(value);
  const [name, uri, rest] = found
    ? [found[1]?.replace(/\\(.)/g, "$1") ?? found[2], found[3], found[4]]
    : ["", value.split(";")[0].trim(), value.slice(value.split(";")[0].length)];
  return { name, uri, params: readParams(rest) };
}

function readParams(text) {
  const params = {};
  for (const [, name, quoted, plain] of text.matchAll(/;\s*([^=;\s]+)(?:\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s]*)))?/g)) {
    params[name.toLowerCase()] = quoted ?? plain ?? "";
  }
  return params;
}

/** The user part of a SIP URI. */
export function userOf(uri) {
  const user = /^sips?:([^@;]*)@/.exec(uri)?.[1] ?? "";
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** Random text for tags, branches and Call-IDs. */
export function token() {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
