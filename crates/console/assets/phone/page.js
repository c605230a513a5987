// The page: shows the phone, and does what its buttons say.

import { Phone } from "./phone.js";
import { Ringer } from "./ringer.js";
import * as words from "./words.js";

const byId = (id) => document.getElementById(id);
const [status, list, form, dialed, keypad, microphones] =
  ["status", "calls", "dial", "number", "keypad", "microphone"].map(byId);

/** One browser is one instance (RFC 5626 section 4.1), however often the page is opened. */
function instance() {
  const known = localStorage.getItem("instance") ?? crypto.randomUUID();
  localStorage.setItem("instance", known);
  return known;
}

async function fetchSettings() {
  const { field, token } = document.body.dataset;
  const response = await fetch("/phone/settings", { method: "POST", body: new URLSearchParams({ [field]: token }) });
  // Who is not signed in is led to where one signs in.
  if (response.redirected || response.status === 403) say(words.SIGNED_OUT);
  if (response.redirected || !response.ok) throw new Error(`${response.status}`);
  return { ...(await response.json()), instance: instance() };
}

const phone = new Phone(fetchSettings);
const ringer = new Ringer();

function say(text) {
  status.textContent = text;
}

function button(label, act, kind = "") {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: label, className: kind });
  made.addEventListener("click", act);
  return made;
}

/** A row of the list, which follows its call until that is over. */
function show(call) {
  const row = document.createElement("li");
  const audio = Object.assign(document.createElement("audio"), { autoplay: true });
  const [who, state, quality] = ["strong", "span", "small"].map((kind) => document.createElement(kind));
  const actions = Object.assign(document.createElement("div"), { className: "actions" });
  const began = { at: undefined };
  row.append(who, state, quality, actions, audio);
  list.append(row);
  const draw = () => {
    who.textContent = call.name ? `${call.name} (${call.other})` : call.other;
    const isIncoming = call.isIncoming && call.state === "ringing";
    state.textContent = [isIncoming ? words.INCOMING : words.CALL_STATES[call.state], call.reason].filter(Boolean).join(": ");
    row.dataset.state = call.state;
    if (call.state === "talking") began.at ??= Date.now();
    actions.replaceChildren(...actionsOf(call));
    ringer.ring([...phone.calls].some((other) => other.isIncoming && other.state === "ringing"));
    if (call.isOver) setTimeout(() => row.remove(), call.reason ? 5_000 : 500);
  };
  const clock = setInterval(async () => {
    if (call.isOver) return clearInterval(clock);
    if (began.at === undefined) return;
    const seconds = Math.floor((Date.now() - began.at) / 1_000);
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    quality.textContent = `${time} · ${words.QUALITY(await call.sound.quality())}`;
  }, 1_000);
  call.addEventListener("change", draw);
  call.addEventListener("heard", ({ detail }) => (audio.srcObject = detail));
  draw();
}

function actionsOf(call) {
  const end = button(words.HANG_UP, () => call.hangUp(), "end");
  if (call.isOver) return [];
  if (call.state === "calling" || call.state === "ringing") {
    if (!call.isIncoming) return [end];
    const answer = () => call.answer().catch((error) => failed(call, error));
    return [button(words.ANSWER, answer, "begin"), button(words.DECLINE, () => call.decline(), "end")];
  }
  const isHeld = call.state === "held";
  const others = [...phone.calls].filter((other) => other !== call && (other.state === "talking" || other.state === "held"));
  return [
    isHeld ? button(words.RESUME, () => call.resume()) : button(words.HOLD, () => call.hold()),
    button(call.isMuted ? words.UNMUTE : words.MUTE, () => call.mute(!call.isMuted)),
    button(words.TRANSFER, () => {
      const number = prompt(words.TRANSFER_TO)?.trim();
      if (number) void call.transfer(phone.uriOf(number));
    }),
    ...others.map((other) => button(words.CONNECT(other.name || other.other), () => void call.transferTo(other))),
    end,
  ];
}

function failed(call, error) {
  call.hangUp();
  say(error instanceof DOMException ? words.NO_MICROPHONE : error.message);
}

async function listMicrophones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const inputs = devices.filter(({ kind, deviceId }) => kind === "audioinput" && deviceId !== "default");
  const options = inputs.map(({ label, deviceId }) => new Option(label || deviceId, deviceId));
  microphones.replaceChildren(new Option(words.DEFAULT_MICROPHONE, ""), ...options);
}

phone.addEventListener("state", ({ detail: { state, reason } }) => {
  say([words.STATES[state], reason].filter(Boolean).join(": "));
  document.body.dataset.state = state;
});
phone.addEventListener("call", ({ detail: call }) => show(call));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const number = dialed.value.trim();
  if (number === "") return;
  // Who talks already is put on hold, as phones do.
  for (const other of phone.calls) if (other.state === "talking") void other.hold();
  const call = phone.place(number);
  show(call);
  dialed.value = "";
});

keypad.addEventListener("click", ({ target }) => {
  const { digit } = target.dataset ?? {};
  if (digit === undefined) return;
  const talking = [...phone.calls].find((call) => call.state === "talking");
  talking ? talking.sound.digits(digit) : (dialed.value += digit);
});

microphones.addEventListener("change", () => {
  phone.microphone = microphones.value;
  for (const call of phone.calls) void call.sound?.useMicrophone(microphones.value);
});

addEventListener("pagehide", () => void phone.stop());

if (isSecureContext && navigator.mediaDevices) {
  navigator.mediaDevices.addEventListener("devicechange", listMicrophones);
  void listMicrophones();
  void phone.start();
} else {
  say(words.NOT_SECURE);
}
