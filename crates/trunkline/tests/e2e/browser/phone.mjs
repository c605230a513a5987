// Calls a phone of a demo from its page in a real browser, as a newcomer does: opens the link that the demo prints,
// lets the page have the microphone (a tone, from Chromium's own fake device), dials 1002, and hears what that phone
// says. Prints what it saw; ends with an error at the first thing that is not so.
import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { TRUNKLINE_CLIENTS: clients, TRUNKLINE_PHONE: link, TRUNKLINE_URL: url } = process.env;
const require = createRequire(`${clients}/`);
const { chromium } = require("playwright-core");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
  "--autoplay-policy=no-user-gesture-required"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
const context = await browser.newContext();
const page = await context.newPage();
const log = [];
page.on("console", (message) => message.type() === "error" && log.push(message.text()));
page.on("pageerror", (error) => log.push(error.message));

/** How loud the other end is in the page, from 0 to 1. */
const loudness = () => page.evaluate(async () => {
  const stream = document.querySelector("audio")?.srcObject;
  if (!stream) return 0;
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  await new Promise((done) => setTimeout(done, 300));
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  await context.close();
  return Math.max(...samples.map(Math.abs));
});

async function until(what, holds, patience = 15_000) {
  const end = Date.now() + patience;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `${what}: not within ${patience / 1000} s; the page says ${await page.locator("main").innerText()}; ${log}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

const says = (text) => async () => (await page.locator("main").innerText()).includes(text);
const button = (name) => page.getByRole("button", { name, exact: true });

// The link signs in once, and leads to the phone.
await page.goto(link);
assert.equal(new URL(page.url()).pathname, "/phone");
await until("the phone is registered", says("Ready"));
const stranger = await (await browser.newContext()).newPage();
await stranger.goto(link);
assert.equal(new URL(stranger.url()).pathname, "/console/sign-in", "the link is good once");

// A phone of the demo is called, and heard.
await page.getByLabel("Number").fill("1002");
await button("Call").click();
await until("the call is answered", says("Talking"));
await until("the other end is heard", async () => (await loudness()) > 0.01);
await until("the page says how the sound arrives", says("PCM"));

// Hold and resume.
await button("Hold").click();
await until("the call is held", says("On hold"));
await button("Resume").click();
await until("the call goes on", says("Talking"));
await until("the other end is heard again", async () => (await loudness()) > 0.01);

// A blind transfer: the page has no part in the call any more.
page.once("dialog", (dialog) => dialog.accept("1003"));
await button("Transfer").click();
await until("the call is handed over", async () => (await page.locator("#calls li").count()) === 0, 20_000);

// The console leads here.
await page.goto(`${url}/console`);
await page.getByRole("link", { name: "Phone", exact: true }).click();
await until("the phone is registered again", says("Ready"));

assert.deepEqual(log, [], "the browser's log");
console.log("called, heard, held, resumed and handed over");
await browser.close();
