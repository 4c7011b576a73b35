/** The pages of runs in a real browser. */
import assert from "node:assert/strict";
import { assertAccessible, assertFits, browserTest } from "../support/browser.ts";
import { press, upload } from "../http/pages/browsing.ts";
import { serving } from "../http/serving.ts";

const options = {
  tables: "create table people (id int primary key, name text)",
  importers: {
    people: "table: people\nkey: id\ncolumns:\n  id: {}\n  name: { max_length: 20 }\n",
  },
};
const FILE = `id,name\n1,Ana\n2,Bo\n3,${"long ".repeat(9)}\nx,no number\n`;

browserTest("somebody signs in, looks at runs, and signs out", async (browser) => {
  await using api = await serving({ ...options, tokens: true });
  const token = await api.token("admin", { name: "Ana" });
  const run = await upload(api, FILE, { token });
  await api.drive(run);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto(`/runs/${run}`);
  await page.getByLabel("Access token").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("That is not a token").waitFor();
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "people" }).waitFor();
  assert.equal(new URL(page.url()).pathname, `/runs/${run}`);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await page.goto("/");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  // The wrong token was refused: the browser says so.
  assert.equal(opened.troubles.length, 1);
  opened.troubles.length = 0;
});

browserTest("a run is seen to begin, to go on and to end", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto("/");
  await page.getByText("Nothing has been imported yet").waitFor();
  const run = await upload(api, FILE);
  await page.getByRole("link", { name: `#${run} people` }).click();
  await page.getByText("Waiting").waitFor();
  await api.drive(run);
  await page.locator("h1").getByText("Some rows failed").waitFor();
  await page.getByRole("button", { name: "Retry as they are" }).click();
  await page.getByRole("heading", { name: "people, retry" }).waitFor();
  assert.equal(new URL(page.url()).pathname, `/runs/${run + 1}`);
});

browserTest("a run is cancelled and resumed while it is watched", async (browser) => {
  await using api = await serving(options);
  const run = await upload(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto(`/runs/${run}`);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("It stops after the batches in progress.").waitFor();
  await api.drive(run);
  await page.locator("h1").getByText("Cancelled").waitFor();
  await page.getByText("Cancelled by local,").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator("h1").getByText("Waiting").waitFor();
  await api.drive(run);
  await page.locator("h1").getByText("Some rows failed").waitFor();
});

browserTest("a run that waits for somebody's lock says whose it is", async (browser) => {
  await using api = await serving(options);
  const { session } = api.database;
  const run = await upload(api, FILE);
  await session.execute("begin");
  await session.execute("lock table people in share mode");
  const driven = api.drive(run);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto(`/runs/${run}`);
  await page.getByText(/waits? for .*people/u).waitFor();
  const [{ pid }] = await session.query<{ pid: number }>("select pg_backend_pid() as pid");
  assert.match(await page.locator("main").innerText(), new RegExp(`\\b${pid}\\b`, "u"));
  await session.execute("rollback");
  await driven;
  await page.locator("h1").getByText("Some rows failed").waitFor();
});

browserTest("runs are watched in more tabs than a browser has connections", async (browser) => {
  await using api = await serving(options);
  const run = await upload(api, FILE);
  await using opened = await browser.open(api.origin);
  const show = (page: typeof opened.page, state: "visible" | "hidden") =>
    page.evaluate(`
      Object.defineProperty(document, "visibilityState", { configurable: true, value: "${state}" });
      document.dispatchEvent(new Event("visibilitychange"));
    `);
  await opened.page.goto(`/runs/${run}`);
  for (let tabs = 1, last = opened.page; tabs < 8; tabs++) {
    // Without a browser's window, every tab believes that somebody looks at it.
    await show(last, "hidden");
    last = await opened.anotherTab();
    await last.goto(`/runs/${run}`);
    await last.locator("h1").getByText("Waiting").waitFor();
  }
  await show(opened.page, "visible");
  await api.drive(run);
  await opened.page.locator("h1").getByText("Some rows failed").waitFor();
});

browserTest("eight runs are watched in eight windows that somebody looks at", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const tabs = [];
  for (let i = 0; i < 8; i++) {
    const run = await upload(api, FILE);
    const page = i === 0 ? opened.page : await opened.anotherTab();
    // Without a browser's window, every tab believes that somebody looks at it.
    await page.goto(`/runs/${run}`);
    await page.locator("h1").getByText("Waiting").waitFor();
    tabs.push({ run, page });
  }
  for (const { run, page } of [tabs[0], tabs[7], tabs[3]]) {
    await api.drive(run);
    await page.locator("h1").getByText("Some rows failed").waitFor();
  }
  // A page of its own is still to be had, and one that goes makes room.
  await tabs[0].page.goto("/");
  await tabs[0].page.getByRole("heading", { name: "Runs" }).waitFor();
});

browserTest("an undo shows what it would take back before it does", async (browser) => {
  await using api = await serving(options);
  const run = await upload(api, FILE);
  await api.drive(run);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto(`/runs/${run}`);
  await page.getByRole("button", { name: "Undo …" }).click();
  await page.getByRole("heading", { name: `Undo of run ${run}` }).waitFor();
  await api.drive(run + 1);
  await page.getByText("Nothing is taken back yet: this is what an undo would do.").waitFor();
  assert.deepEqual(await api.database.session.query("select count(*)::int as n from people"), [{
    n: 2,
  }]);
  await page.getByRole("button", { name: "Take back 2 rows" }).click();
  await api.drive(run + 2);
  await page.locator("h1").getByText("Completed").waitFor();
  assert.deepEqual(await api.database.session.query("select count(*)::int as n from people"), [{
    n: 0,
  }]);
  await page.goto("/");
  await page.getByText("Taken back").first().waitFor();
});

browserTest("two tabs show the same run, whichever of them cancels it", async (browser) => {
  await using api = await serving(options);
  const run = await upload(api, FILE);
  await using opened = await browser.open(api.origin);
  const other = await opened.anotherTab();
  await opened.page.goto(`/runs/${run}`);
  await other.goto(`/runs/${run}`);
  await other.getByRole("button", { name: "Cancel" }).click();
  await api.drive(run);
  await other.locator("h1").getByText("Cancelled").waitFor();
  await opened.page.bringToFront();
  await opened.page.locator("h1").getByText("Cancelled").waitFor();
});

browserTest("a run that is deleted while it is on screen says so", async (browser) => {
  await using api = await serving(options);
  const run = await upload(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page, troubles } = opened;
  await page.goto(`/runs/${run}`);
  await api.ask(`/${run}/cancel`, { method: "POST" });
  await api.drive(run);
  assert.equal((await api.ask(`/${run}`, { method: "DELETE" })).status, 204);
  await page.getByRole("heading", { name: "Not found" }).waitFor();
  troubles.length = 0;
});

browserTest(
  "a token that is revoked while a page is open asks to sign in again",
  async (browser) => {
    await using api = await serving({ ...options, tokens: true });
    const token = await api.token("admin", { name: "Ana" });
    const run = await upload(api, FILE, { token });
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto(`/sign-in?to=/runs/${run}`);
    await page.getByLabel("Access token").fill(token);
    await page.keyboard.press("Enter");
    await page.locator("h1").getByText("Waiting").waitFor();
    await api.database.session.execute("update ingest.tokens set revoked_at = now()");
    // The page notices by itself.
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.getByText("This token was revoked.").waitFor();
    troubles.length = 0;
  },
);

browserTest(
  "names and cells with HTML or marks of direction are shown as text",
  async (browser) => {
    await using api = await serving(options);
    const evil = "<img src=x onerror=alert(1)>\u202e\u2066 evil";
    const run = await upload(api, `id,name\n"${evil}",x\n`, { filename: `${evil}.csv` });
    await api.drive(run);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    for (const path of ["/", `/runs/${run}`]) {
      await page.goto(path);
      await page.getByText("<img src=x onerror=alert(1)>").first().waitFor();
      assert.equal(await page.locator("img").count(), 0);
    }
  },
);

browserTest(
  "every page can be used by everybody, light and dark, and on a phone",
  async (browser) => {
    await using api = await serving(options);
    const run = await upload(api, FILE);
    await api.drive(run);
    const undo = await press(api, `/runs/${run}/undo`, { dry_run: "true" });
    await api.drive(Number(undo.headers.get("location")?.split("/").at(-1)));
    for (
      const look of [
        { colorScheme: "light" },
        { colorScheme: "dark" },
        { colorScheme: "light", viewport: { width: 390, height: 800 } },
      ] as const
    ) {
      await using opened = await browser.open(api.origin, look);
      for (const path of ["/", "/?status=failed", `/runs/${run}`, `/runs/${run + 1}`, "/runs/99"]) {
        await opened.page.goto(path);
        await assertAccessible(opened.page);
        await assertFits(opened.page);
      }
      opened.troubles.length = 0;
    }
  },
);

browserTest(
  "without scripts, pages show the same, and reload themselves while something runs",
  async (browser) => {
    await using api = await serving(options);
    const run = await upload(api, FILE);
    await using opened = await browser.open(api.origin, { javaScriptEnabled: false });
    const { page } = opened;
    await page.goto(`/runs/${run}`);
    await page.getByText("Waiting").waitFor();
    await api.drive(run);
    await page.locator("h1").getByText("Some rows failed").waitFor();
    await page.getByRole("button", { name: "Retry as they are" }).click();
    await page.getByRole("heading", { name: "people, retry" }).waitFor();
  },
);
