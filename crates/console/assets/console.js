// What moves on the console's pages. Without it every page can be read, and every form works.

const say = (text) => { document.getElementById("said").textContent = text; };
let silence;
const sayForAWhile = (text) => {
  say(text);
  clearTimeout(silence);
  silence = setTimeout(() => say(""), 6000);
};

// Times in the reader's zone.
const forms = {
  "": { dateStyle: "medium", timeStyle: "medium" },
  day: { dateStyle: "short", timeStyle: "short" },
  time: { timeStyle: "short" },
};
const formats = Object.fromEntries(
  Object.entries(forms).map(([name, form]) => [name, new Intl.DateTimeFormat(undefined, form)]));
const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;

function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    time.title = time.dateTime;
    time.textContent = formats[time.dataset.local].format(new Date(time.dateTime));
    delete time.dataset.local;
  }
}

// Ages, by the server's clock: how far it is off from ours is seen from the first of them.
let ahead;
const seconds = (text) => text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
const two = (number) => String(number).padStart(2, "0");
function written(age) {
  const [h, m, s] = [Math.floor(age / 3600), Math.floor(age / 60) % 60, age % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
function grow(root) {
  for (const time of root.querySelectorAll("time[data-age]")) {
    const since = Date.parse(time.dateTime);
    ahead ??= since + seconds(time.textContent) * 1000 - Date.now();
    const text = written(Math.max(0, Math.round((Date.now() + ahead - since) / 1000)));
    if (time.textContent !== text) time.textContent = text;
  }
}

// A row that came empty is as it was; one that somebody is using keeps what they use.
function merge(body, rows) {
  const old = new Map([...body.children].map((row) => [row.id, row]));
  let place = body.firstElementChild;
  for (const row of [...rows.children]) {
    let known = old.get(row.id);
    old.delete(row.id);
    if (row.children.length || !known) {
      localise(row);
      const used = known?.querySelector("[data-keep]");
      if (used && (used.contains(document.activeElement) || used.querySelector("details[open]"))) {
        row.querySelector("[data-keep]")?.replaceWith(used);
        [...row.children].forEach((cell, index) => { if (cell !== used) known.children[index]?.replaceWith(cell); });
      } else {
        if (known) { if (known === place) place = row; known.replaceWith(row); } else row.className = "new";
        known = row;
      }
    }
    if (known === place) place = place.nextElementSibling;
    else body.insertBefore(known, place);
  }
  old.forEach((row) => row.remove());
  grow(body);
}

function swap(piece) {
  const template = document.createElement("template");
  template.innerHTML = piece;
  for (const part of template.content.querySelectorAll("[id]")) {
    const known = document.getElementById(part.id);
    if (part.tagName === "TBODY" && known) merge(known, part);
    else if (!part.closest("tbody") && known) {
      localise(part);
      if (!known.isEqualNode(part) && !known.contains(document.activeElement)) known.replaceWith(part);
    }
  }
}

const live = document.querySelector("[data-stream]");
if (live) {
  const said = document.getElementById("said");
  let failures = 0;
  const follow = () => {
    const source = new EventSource(live.dataset.stream);
    source.onmessage = (event) => { if (failures) say(""); failures = 0; swap(event.data); };
    source.onerror = () => {
      failures += 1;
      if (failures > 2) say(said.dataset.lost);
      // Told to stop asking: signed out, or no such page any more.
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(follow, 5000); }
    };
  };
  follow();
}

// Forms that change a call are sent without leaving the page, which is told what became of it.
document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (form.method !== "post" || form.dataset.done === undefined) return;
  event.preventDefault();
  const url = submitter?.getAttribute("formaction") ?? form.action;
  try {
    const body = new URLSearchParams(new FormData(form, submitter));
    const answer = await fetch(url, { method: "POST", body, headers: { accept: "text/plain, text/html" } });
    const isTold = answer.headers.get("content-type")?.startsWith("text/plain");
    if (answer.url.includes("/console/sign-in")) location.assign(answer.url);
    else if (answer.ok) {
      sayForAWhile(isTold ? await answer.text() : form.dataset.done);
      submitter?.closest("details")?.removeAttribute("open");
    }
    else {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      sayForAWhile(page.querySelector("[role=alert]")?.textContent ?? answer.statusText);
    }
  } catch (error) {
    sayForAWhile(error.message);
  }
});

// A file that is chosen is put into the field that it is for.
for (const label of document.querySelectorAll("[data-file]")) {
  label.hidden = false;
  label.querySelector("input").addEventListener("change", async ({ target }) => {
    const [file] = target.files;
    if (file) document.getElementById(label.dataset.file).value = await file.text();
  });
}

// A page whose work goes on is loaded again.
if (document.querySelector("[data-again]")) setTimeout(() => location.reload(), 1500);

for (const field of document.querySelectorAll("[data-own-zone]")) field.value = zone;
for (const text of document.querySelectorAll("[data-zone]")) text.textContent = zone;
localise(document);
grow(document);
setInterval(() => grow(document), 500);
