// A phone in a real browser, Debian's Chromium, that does what it is told line by line and tells what happens to it in
// the same way. The browser's microphone is a file with a tone, taken without what would take that for noise.
//
//   node driver.mjs '{"kind": "page" | "jssip" | "sipjs", "clients", "phones", "url", "socket", "user", "secret", "login",
//                     "password", "tone"}'
//
// Calls are named by the other end's number: `call 1002`, `hold 1002`; `call 1002 talking` is told.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const settings = JSON.parse(process.argv[2]);
const { chromium } = createRequire(`${settings.clients}/`)("playwright-core");
const { open } = await import(`./${settings.kind}.mjs`);
const print = (...words) => process.stdout.write(`${words.join(" ")}\n`);

/** The way to the switch, which can be cut. */
class Way {
  #streams = new Set();
  #server;
  #isCut = false;

  static async to(address) {
    const way = new Way();
    const [, host, port] = /^(.*):(\d+)$/.exec(address);
    way.#server = createServer((near) => way.#join(near, connect(Number(port), host)));
    way.#server.listen(0, "127.0.0.1");
    await once(way.#server, "listening");
    return way;
  }

  get port() {
    return this.#server.address().port;
  }

  cut(isCut) {
    this.#isCut = isCut;
    if (isCut) for (const stream of this.#streams) stream.destroy();
  }

  #join(near, far) {
    for (const stream of [near, far]) {
      this.#streams.add(stream);
      stream.on("error", () => {});
      stream.on("close", () => [near, far].forEach((end) => end.destroy()));
    }
    if (this.#isCut) return near.destroy();
    near.pipe(far).pipe(near);
  }
}

/** Runs in the page before its own scripts: what is heard can be told, and sockets go by the way. */
function listen(port) {
  const peers = [];
  const analysers = new Map();
  let context;
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      peers.push(this);
    }
  };
  window.WebSocket = class extends WebSocket {
    constructor(url, protocols) {
      const place = new URL(url);
      place.port = port;
      super(place, protocols);
    }
  };
  const { mediaDevices } = navigator;
  const getUserMedia = mediaDevices?.getUserMedia.bind(mediaDevices);
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  if (mediaDevices) {
    mediaDevices.getUserMedia = ({ audio }) => getUserMedia({ audio: { ...(audio === true ? {} : audio), ...plain } });
  }

  const analyserOf = (track) => {
    if (!analysers.has(track)) {
      context ??= new AudioContext();
      const stream = new MediaStream([track]);
      // Chromium decodes for those alone who play it.
      const audio = Object.assign(new Audio(), { srcObject: stream, muted: true });
      void audio.play();
      const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
      context.createMediaStreamSource(stream).connect(analyser);
      analysers.set(track, { analyser, audio });
    }
    return analysers.get(track).analyser;
  };

  /** The loudest tone, in hertz, of what each connection hears; 0 for silence. */
  window.heard = () => {
    const open = peers.filter(({ connectionState }) => connectionState === "connected");
    return open.flatMap((peer) => peer.getReceivers()).filter(({ track }) => track?.kind === "audio").map(({ track }) => {
      const analyser = analyserOf(track);
      const levels = new Float32Array(analyser.frequencyBinCount);
      analyser.getFloatFrequencyData(levels);
      const loudest = levels.reduce((best, level, at) => (level > levels[best] ? at : best), 0);
      return levels[loudest] < -60 ? 0 : Math.round((loudest * context.sampleRate) / analyser.fftSize);
    });
  };
}

const way = await Way.to(settings.socket);
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--ignore-certificate-errors", "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream", `--use-file-for-fake-audio-capture=${settings.tone}`,
    "--autoplay-policy=no-user-gesture-required"],
});
// The page may connect to the switch alone; the way is another port.
const context = await browser.newContext({ bypassCSP: true, ignoreHTTPSErrors: true });
await context.addInitScript(listen, way.port);
const page = await context.newPage();
page.setDefaultTimeout(15_000);
page.on("pageerror", (error) => print("note", "the page:", error.message));
page.on("console", (message) => message.type() === "error" && print("note", "the page:", message.text()));

/** When each call was last told of. */
const since = new Map();
let latest = Date.now();
function tell(number, state) {
  latest = Date.now();
  since.set(number, latest);
  print("call", number, state);
}

const phone = await open(page, { ...settings, port: way.port }, { tell, print });

/** Waits until a tone is heard, or nothing (0); tells how long after the latest news that was, in milliseconds. */
async function hear(hertz) {
  const end = Date.now() + 10_000;
  for (let heard = []; ; heard = await page.evaluate(() => window.heard())) {
    const isHeard = hertz === 0 ? heard.every((tone) => tone === 0) : heard.some((tone) => Math.abs(tone - hertz) < 25);
    if (isHeard && heard.length > 0) return print("hears", hertz, Date.now() - latest);
    if (Date.now() > end) throw new Error(`${hertz} Hz is not heard, but ${heard}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

const verbs = { ...phone, hear: (hertz) => hear(Number(hertz)), cut: () => way.cut(true), mend: () => way.cut(false) };
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = line.split(" ");
  try {
    await verbs[verb](...rest);
  } catch (error) {
    print("error", line, error.stack);
  }
}
await browser.close();
process.exit(0);
