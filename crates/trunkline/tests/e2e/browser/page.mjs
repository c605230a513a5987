// The phone page of the server itself, as a person uses it.

export async function open(page, { url, login, password }, { tell, print }) {
  await page.goto(`${url}/console/sign-in?next=/phone`);
  await page.fill("[name=login]", login);
  await page.fill("[name=password]", password);
  await page.click("form.sign-in button, main form button");
  await page.waitForURL("**/phone");
  let asked = "";
  page.on("dialog", (dialog) => dialog.accept(asked));
  await page.exposeFunction("told", (kind, ...words) => (kind === "call" ? tell(...words) : print(kind, ...words)));
  await page.evaluate(() => {
    const known = new Map();
    const look = () => {
      const rows = [...document.querySelectorAll("#calls li")];
      for (const row of rows) {
        const who = row.querySelector("strong").textContent;
        const number = /\(([^)]*)\)$/.exec(who)?.[1] ?? who;
        const isIncoming = [...row.querySelectorAll("button")].some(({ textContent }) => textContent === "Answer");
        const state = isIncoming ? "incoming" : row.dataset.state;
        const story = `${number} ${state}`;
        if (known.get(row) !== story) window.told("call", number, state);
        known.set(row, story);
      }
      for (const row of known.keys()) if (!rows.includes(row)) known.delete(row);
    };
    new MutationObserver(look).observe(document.getElementById("calls"), { childList: true, subtree: true, attributes: true });
    const status = document.getElementById("status");
    const say = () => document.body.dataset.state === "ready" && window.told("registered");
    new MutationObserver(say).observe(document.body, { attributes: true });
    new MutationObserver(() => window.told("note", "status:", status.textContent)).observe(status, { childList: true });
    say();
  });
  const row = (number) => page.locator("#calls li:not([data-state=ended])", { hasText: number });
  const press = (number, name) => row(number).getByRole("button", { name, exact: true }).click();
  return {
    call: async (number) => {
      await page.getByLabel("Number").fill(number);
      await page.getByRole("button", { name: "Call", exact: true }).click();
    },
    answer: (number) => press(number, "Answer"),
    decline: (number) => press(number, "Decline"),
    hangup: (number) => press(number, "Hang up"),
    hold: (number) => press(number, "Hold"),
    resume: (number) => press(number, "Resume"),
    transfer: (number, to) => {
      asked = to;
      return press(number, "Transfer");
    },
    connect: (number, other) => row(number).getByRole("button", { name: /^Connect with/ }).click(),
    press: async (number, digits) => {
      for (const digit of digits) await page.locator(`#keypad [data-digit="${digit}"]`).click();
    },
    quality: async (number) => print("quality", await row(number).locator("small").innerText()),
  };
}
