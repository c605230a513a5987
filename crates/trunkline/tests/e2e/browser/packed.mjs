// A page of nothing but a phone of another maker, packed for the browser and otherwise as npm has it.

import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";

/** Opens it; `source` makes `window.phone` of `library`, with `told` to tell. */
export async function openPacked(page, { phones, port, user, secret }, { tell, print }, source) {
  const { build } = createRequire(`${phones}/`)("esbuild");
  const stdin = { contents: source, resolveDir: phones };
  const { outputFiles } = await build({ stdin, bundle: true, write: false, format: "iife", logLevel: "error", define: { global: "window" } });
  // Loopback counts as a secure origin.
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>phone</title>"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.exposeFunction("told", (kind, ...words) => (kind === "call" ? tell(...words) : print(kind, ...words)));
  await page.evaluate((settings) => (window.settings = settings), { url: `wss://127.0.0.1:${port}`, domain: "trunkline", user, secret });
  await page.addScriptTag({ content: outputFiles[0].text });
  const verbs = await page.evaluate(() => Object.keys(window.phone));
  return Object.fromEntries(verbs.map((verb) => [verb, (...rest) => page.evaluate(([name, words]) => window.phone[name](...words), [verb, rest])]));
}
