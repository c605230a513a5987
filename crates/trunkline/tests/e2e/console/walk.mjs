// Walks the console of a demo in a real browser: signs in, watches a call appear and end, hangs it up, searches,
// exports, downloads; on each page axe looks for what people with other senses would stumble over, and nothing may
// be said in the browser's log. Prints what it saw; ends with an error at the first thing that is not so.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { gunzipSync } from "node:zlib";

const { TRUNKLINE_CLIENTS: clients, TRUNKLINE_URL: url, TRUNKLINE_LOGIN: login, TRUNKLINE_PASSWORD: password,
  TRUNKLINE_TOKEN: token, TRUNKLINE_ACCOUNT: account, CONSOLE_PICTURES: pictures } = process.env;
const require = createRequire(`${clients}/`);
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: flags });
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: "Europe/Berlin" });
const page = await context.newPage();
const log = [];
page.on("console", (message) => log.push(`${message.type()}: ${message.text()}`));
page.on("pageerror", (error) => log.push(error.message));

async function checked(name) {
  // The policy of the page lets no script in but its own, so axe runs beside it.
  const world = await context.newCDPSession(page);
  const { frameTree } = await world.send("Page.getFrameTree");
  const isolated = { frameId: frameTree.frame.id, worldName: "axe" };
  const { executionContextId: contextId } = await world.send("Page.createIsolatedWorld", isolated);
  await world.send("Runtime.evaluate", { contextId, expression: axe });
  const run = "axe.run().then((r) => JSON.stringify(r.violations.map((v) => [v.impact, v.id, v.nodes.map((n) => n.html)])))";
  const { result } = await world.send("Runtime.evaluate", { contextId, expression: run, awaitPromise: true });
  assert.ok(result.value, `${name}: axe did not run: ${JSON.stringify(result)}`);
  const serious = JSON.parse(result.value).filter(([impact]) => ["serious", "critical"].includes(impact));
  assert.deepEqual(serious, [], `${name}: what axe found`);
  assert.deepEqual(log, [], `${name}: the browser's log`);
  await world.detach();
  if (!pictures) return;
  for (const [width, height] of [[1280, 900], [390, 844]]) {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: `${pictures}/${name}-${width}.png` });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${name} is ${overflow} pixels wider than a window of ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

const at = (path) => page.goto(`${url}${path}`);
const choose = async (label, value) => { await page.getByRole("combobox", { name: label, exact: true }).selectOption(value); };

await at("/console");
await page.getByRole("heading", { name: "Sign in" }).waitFor();
await checked("sign-in");
await page.getByLabel("User name").fill(login);
await page.getByLabel("Password").fill(password);
await page.getByRole("button", { name: "Sign in" }).click();
await page.getByRole("heading", { name: "Active calls" }).waitFor();
await page.locator("tbody tr").first().waitFor();
await checked("now");

// A call appears, and is hung up.
const calls = `${url}/cc/accounts/${account}/calls`;
const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
const wanted = { type: "click2dial", from: { type: "extension", destination: "1002" }, to: { type: "extension", destination: "1003" } };
const placed = await (await fetch(calls, { method: "POST", headers, body: JSON.stringify(wanted) })).json();
const known = Date.now();
const row = page.locator(`#c-${placed}`);
await row.waitFor();
console.log(`a call is on the page ${Date.now() - known} ms after the program that placed it knew of it`);
await row.getByRole("button", { name: "Hang up" }).click();
await row.waitFor({ state: "detached" });
console.log(await page.locator("#said").textContent());
await choose("Count by", "state");
await page.getByRole("button", { name: "Show", exact: true }).click();
await page.locator("#groups li").first().waitFor();
await checked("now-grouped");

await page.getByRole("link", { name: "History" }).click();
await choose("Outcome", "answered");
// The demo has just begun: the first calls that were answered are still to end.
const rows = page.locator("tbody tr");
do {
  await page.waitForTimeout(200);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.locator(".counts").waitFor();
} while (!(await rows.count()));
await checked("history");
const found = Number((await page.locator(".counts strong").first().textContent()).replace(/\D/g, ""));
assert.ok(found > 0);
await page.locator("tbody tr a").first().click();
await page.getByRole("heading", { name: "Legs" }).waitFor();
await page.locator("textarea").fill("A note of the walk");
await page.getByRole("button", { name: "Save" }).click();
await page.getByText("Noted.").waitFor();
await checked("call");

await choosingOneAccount();
await page.getByRole("button", { name: "Export this search" }).click();
await page.getByText("completed").first().waitFor();
await checked("exports");
const download = page.waitForEvent("download");
await page.getByRole("link", { name: "Download" }).first().click();
const file = gunzipSync(readFileSync(await (await download).path())).toString();
assert.ok(file.startsWith('"started","caller"') && file.split("\r\n").length > 2, file.slice(0, 200));

await at("/console/charts?last=hour");
await page.locator("svg").waitFor();
await checked("charts");
await at("/console/phones");
await page.getByText("registered").first().waitFor();
await checked("phones");
await at("/console/directory");
await page.getByRole("heading", { name: "Extensions" }).waitFor();
await checked("directory");
await at("/console/health");
await page.getByText("takes new calls").waitFor();
await checked("health");

// Without scripts, all of it can be read.
const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
const quiet = await plain.newPage();
for (const path of ["", "/history", "/charts", "/exports", "/phones"]) {
  const answer = await quiet.goto(`${url}/console${path}`);
  assert.equal(answer.status(), 200, path);
  assert.ok((await quiet.locator("h1").textContent()).length > 3);
}

await page.getByRole("button", { name: "Sign out" }).click();
await page.getByRole("heading", { name: "Sign in" }).waitFor();
console.log("the walk is done");
await browser.close();

async function choosingOneAccount() {
  await at("/console/history");
  await choose("Account", account);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.locator("tbody tr").first().waitFor();
}
