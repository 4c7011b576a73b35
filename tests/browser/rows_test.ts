/** The page of failed rows in a real browser: looking, correcting, trying again. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { assertAccessible, assertFits, browserTest, type OpenPage } from "../support/browser.ts";
import { load } from "../http/pages/browsing.ts";
import { type Serving, serving } from "../http/serving.ts";

const options = {
  tables: "create table people (id int primary key, name text, country text)",
  importers: {
    people: "table: people\nkey: id\ncolumns:\n  id: { from: Nr }\n  name: { max_length: 20 }\n" +
      "  country: { from: Country, one_of: [DE, FR] }\n",
  },
};

const FILE = "Nr,name,Country\n1,Ana,DE\n2,Bo,Germany\n3,Cy,Germany\n4,Di,France\nfive,Ed,FR\n";

/** A cell that is drawn, by its place: rows from 0, columns as on the screen. */
const cell = (page: Page, row: number, column: string) =>
  page.locator(`.grid [aria-rowindex="${row + 2}"]`).locator(
    `[aria-colindex="${["Line", "What", "Nr", "name", "Country"].indexOf(column) + 1}"]`,
  );

async function show(page: Page, run: number, query = ""): Promise<void> {
  await page.goto(`/runs/${run}/rows${query}`);
  await page.locator(".grid .row:not(.waiting) .n").first().waitFor();
}

const corrections = async (api: Serving, run: number) =>
  (await api.ask(`/${run}/corrections`)).body.data.map((
    { row_number, values }: { row_number: number; values: Record<string, string> },
  ) => ({ row_number, ...values }));

/** What a test expects to be refused is no trouble. */
function forgive({ troubles }: OpenPage, pattern: RegExp): void {
  assert.ok(troubles.every((trouble) => pattern.test(trouble)), troubles.join("\n"));
  troubles.length = 0;
}

browserTest(
  "a wrong cell is corrected by keyboard, checked at once, and retried",
  async (browser) => {
    await using api = await serving({ ...options, workers: true });
    const run = await load(api, FILE);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    assert.equal(await cell(page, 0, "Country").getAttribute("aria-invalid"), "true");
    await cell(page, 0, "Country").click();
    await page.locator(".bubble").getByText("must be one of DE, FR").waitFor();
    await page.keyboard.type("XX");
    await page.keyboard.press("Enter");
    // It is as wrong as before, and where it was changed.
    await cell(page, 0, "What").getByText("Country must be one of").waitFor();
    assert.match(await cell(page, 1, "Country").getAttribute("class") ?? "", /active/u);
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("F2");
    await page.keyboard.press("Control+A");
    await page.keyboard.type("DE");
    await page.keyboard.press("Tab");
    await cell(page, 0, "What").getByText("Ready to retry").waitFor();
    assert.equal(await cell(page, 0, "Country").getAttribute("aria-invalid"), null);
    assert.deepEqual(await corrections(api, run), [{ row_number: 2, Country: "DE" }]);
    await page.getByRole("button", { name: "Retry 1 corrected row" }).click();
    await page.getByRole("heading", { name: "people, retry" }).waitFor();
    await api.ended(run + 1);
    const loaded = await api.database.session.query("select country from people where id = 2");
    assert.deepEqual(loaded, [{ country: "DE" }]);
    await show(page, run);
    await cell(page, 0, "What").getByText(`Fixed by run ${run + 1}`).waitFor();
  },
);

browserTest("a value is changed wherever it occurs, and that is taken back", async (browser) => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await cell(page, 0, "Country").click();
  await page.keyboard.type("DE");
  await page.keyboard.press("Enter");
  await page.getByText("1 other row has “Germany” in Country, too.").waitFor();
  await page.getByRole("button", { name: "Change 1 × “Germany” to “DE”" }).click();
  await cell(page, 1, "What").getByText("Ready to retry").waitFor();
  await page.getByRole("button", { name: "Retry 2 corrected rows" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Taken back.").waitFor();
  assert.equal(await page.locator(".grid:focus").count(), 1);
  await cell(page, 1, "Country").getByText("Germany").waitFor();
  await cell(page, 1, "Country").click();
  await page.keyboard.press("Delete");
  await page.getByRole("button", { name: "Change 1 × “Germany” to empty" }).waitFor();
});

browserTest(
  "a column is pasted from a spreadsheet, and one step takes it back",
  async (browser) => {
    await using api = await serving(options);
    const run = await load(api, FILE);
    await using opened = await browser.open(api.origin, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const { page } = opened;
    await show(page, run);
    await cell(page, 0, "name").click();
    await page.evaluate("navigator.clipboard.writeText('\"two\\nlines\"\\tDE\\nCyd\\tDE\\n')");
    await page.keyboard.press("Control+V");
    await cell(page, 1, "What").getByText("Ready to retry").waitFor();
    assert.deepEqual(await corrections(api, run), [
      { row_number: 2, name: "two\nlines", Country: "DE" },
      { row_number: 3, name: "Cyd", Country: "DE" },
    ]);
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("Shift+ArrowRight");
    await page.keyboard.press("Control+C");
    assert.equal(
      await page.evaluate("navigator.clipboard.readText()"),
      '"two\nlines"\tDE\nCyd\tDE',
    );
    await page.getByRole("button", { name: "Retry 2 corrected rows" }).waitFor();
    await page.keyboard.press("Control+Z");
    await cell(page, 1, "Country").getByText("Germany").waitFor();
    await page.getByRole("button", { name: "Retry all 4" }).waitFor();
    assert.deepEqual(await corrections(api, run), []);
    await page.keyboard.press("Delete");
    await cell(page, 0, "What").getByText("Country").waitFor();
  },
);

browserTest("two people correct the same cell: the second one is asked", async (browser) => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await api.ask(`/${run}/corrections`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ corrections: [{ row_number: 2, column: "Country", value: "FR" }] }),
  });
  await cell(page, 0, "Country").click();
  await page.keyboard.type("DE");
  await page.keyboard.press("Enter");
  await page.getByText("somebody else has put “FR” there").waitFor();
  assert.deepEqual(await corrections(api, run), [{ row_number: 2, Country: "FR" }]);
  await page.getByRole("button", { name: "Keep mine" }).click();
  await cell(page, 0, "What").getByText("Ready to retry").waitFor();
  assert.deepEqual(await corrections(api, run), [{ row_number: 2, Country: "DE" }]);
  forgive(opened, /409/u);
});

browserTest(
  "what is typed while the server is away is kept, and sent when it is back",
  async (browser) => {
    await using api = await serving(options);
    const run = await load(api, FILE);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    await page.context().setOffline(true);
    await cell(page, 0, "Country").click();
    await page.keyboard.type("DE");
    await page.keyboard.press("Enter");
    await page.getByText("The server can’t be reached.").first().waitFor();
    await page.locator(".grid .cell.unsent").waitFor();
    assert.deepEqual(await corrections(api, run), []);
    await page.context().setOffline(false);
    await cell(page, 0, "What").getByText("Ready to retry").waitFor();
    assert.deepEqual(await corrections(api, run), [{ row_number: 2, Country: "DE" }]);
    assert.equal(await page.locator(".away").count(), 0);
    forgive(opened, /ERR_INTERNET_DISCONNECTED/u);
  },
);

browserTest("rows are waived with a reason: those that are marked", async (browser) => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await cell(page, 0, "Country").click();
  await page.keyboard.press("Shift+ArrowDown");
  await page.getByText("Leave out …").click();
  await page.getByLabel("Why").fill("test data");
  await page.getByRole("button", { name: "Leave them out" }).click();
  await page.getByText("Left out 2 of 4 failed rows").waitFor();
  await cell(page, 1, "What").getByText("Left out: test data").waitFor();
  await cell(page, 2, "What").getByText("Country must be").waitFor();
});

browserTest(
  "a corrected file is uploaded, and asks where a spreadsheet has changed cells",
  async (browser) => {
    await using api = await serving(options);
    const run = await load(api, "Nr,name,Country\n1,0012,Germany\n2,0013,Germany\n");
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    const { body } = await api.ask(`/${run}/failed-rows/download`);
    const edited = body.replaceAll("Germany", "DE").replaceAll(",0012,", ",12,");
    await page.getByText("Upload corrected file").click();
    assert.equal(await page.getByLabel("Take its cells as they are").isVisible(), false);
    const { Buffer } = await import("node:buffer");
    await page.getByLabel("The downloaded file").setInputFiles({
      ...{ name: "failed.csv", mimeType: "text/csv", buffer: Buffer.from(edited) },
    });
    await page.getByRole("button", { name: "Retry its rows" }).click();
    await page.getByRole("status").getByText("a spreadsheet seems to have changed").waitFor();
    await page.getByLabel("Take its cells as they are").check();
    await page.getByRole("button", { name: "Retry its rows" }).click();
    await page.getByRole("heading", { name: "people, retry" }).waitFor();
    forgive(opened, /409/u);
  },
);

browserTest("who may only read can look and copy, but not type", async (browser) => {
  await using api = await serving({ ...options, tokens: true });
  const run = await load(api, FILE, { token: await api.token("run") });
  const token = await api.token("read");
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto(`/runs/${run}/rows`);
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator(".grid .row:not(.waiting) .n").first().waitFor();
  await cell(page, 0, "Country").click();
  await page.keyboard.type("DE");
  assert.equal(await page.locator(".editor").count(), 0);
  assert.equal(await page.getByRole("button", { name: /retry/iu }).count(), 0);
  assert.equal(await page.getByRole("grid").getAttribute("aria-readonly"), "true");
});

browserTest(
  "hostile cells are text, long ones are cut, and whole where they are edited",
  async (browser) => {
    await using api = await serving(options);
    const long = "long ".repeat(2_000).trim();
    const run = await load(
      api,
      `Nr,name,Country\n1,<img src=x onerror="document.title='x'">,DE\n2,"${long}",DE\n3,x,\u202eED\n`,
    );
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    assert.equal(await page.locator(".grid img").count(), 0);
    await cell(page, 0, "name").getByText("<img src=x").waitFor();
    assert.ok((await cell(page, 1, "name").locator("bdi").innerText()).length < 300);
    await cell(page, 1, "name").click();
    await page.keyboard.press("Enter");
    await page.locator(".editor").waitFor();
    assert.equal(await page.locator(".editor").inputValue(), long);
    await page.keyboard.press("Escape");
    assert.deepEqual(await corrections(api, run), []);
  },
);

browserTest("a hundred thousand failed rows scroll, and few of them are drawn", async (browser) => {
  await using api = await serving(options);
  const lines = Array.from({ length: 100_000 }, (_, i) => `x${i + 1},n,DE`).join("\n");
  const run = await load(api, `Nr,name,Country\n${lines}\n`);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await cell(page, 0, "Nr").click();
  await page.keyboard.press("Control+ArrowDown");
  await page.locator(".grid").getByText("x100000", { exact: true }).waitFor();
  await page.keyboard.press("Control+Home");
  await page.locator(".grid").getByText("x1", { exact: true }).waitFor();
  await page.evaluate("document.querySelector('.grid').scrollTop = 1700000");
  await page.locator(".grid").getByText("x50010", { exact: true }).waitFor();
  assert.ok(await page.locator(".grid .row").count() < 80);
  assert.equal(await page.getByRole("grid").getAttribute("aria-rowcount"), "100001");
});

browserTest(
  "of 300 columns few are drawn, and what is wrong leads to the wrong cell",
  async (browser) => {
    const names = Array.from({ length: 300 }, (_, i) => `column_${i}`);
    await using api = await serving({
      tables: `create table people (${names.map((name) => `${name} text`).join(", ")}, id int)`,
      importers: { people: "table: people\n" },
    });
    const run = await load(api, `${names},id\n${names.map(() => "v")},x\n`);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    assert.ok(await page.locator(".grid .cell").count() < 80);
    await cell(page, 0, "What").click();
    await page.keyboard.press("Enter");
    const wrong = page.locator('.grid .active[aria-invalid="true"]');
    await wrong.getByText("x").waitFor();
    const box = await wrong.boundingBox();
    assert.ok(box !== null && box.x + box.width <= 1280, JSON.stringify(box));
    // The row's number stays in view.
    assert.ok((await cell(page, 0, "Line").boundingBox())!.x < 100);
  },
);

browserTest(
  "rows appear as they fail, and can be corrected when the run has ended",
  async (browser) => {
    await using api = await serving(options);
    const { body } = await api.ask("/upload/people?filename=people.csv", {
      ...{ method: "POST", body: FILE },
      headers: { "content-type": "text/csv" },
    });
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await page.goto(`/runs/${body.data.id}/rows`);
    await page.getByText("No row has failed so far").waitFor();
    await api.drive(body.data.id);
    await cell(page, 0, "Country").getByText("Germany").waitFor();
    await page.getByRole("button", { name: "Retry all 4" }).waitFor();
  },
);

browserTest(
  "the next wrong cell is a key away, and what is still wrong isn't counted",
  async (browser) => {
    await using api = await serving({ ...options, workers: true });
    const run = await load(api, FILE);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    // Where somebody starts.
    assert.match(await cell(page, 0, "Country").getAttribute("class") ?? "", /active/u);
    await page.locator(".grid").focus();
    await page.keyboard.type("DE");
    await page.keyboard.press("Enter");
    await page.keyboard.press("F8");
    await page.keyboard.press("Alt+ArrowDown");
    await page.keyboard.press("F8");
    assert.match(await cell(page, 3, "Nr").getAttribute("class") ?? "", /active/u);
    await page.keyboard.type("six");
    await page.keyboard.press("Enter");
    await page.getByText("1 still wrong").waitFor();
    await page.getByRole("button", { name: "Retry 1 corrected row" }).click();
    await page.getByRole("heading", { name: "people, retry" }).waitFor();
    await api.ended(run + 1);
    await show(page, run);
    // What was loaded, and what is in the file.
    await cell(page, 0, "Country").getByText("DE", { exact: true }).waitFor();
    await cell(page, 0, "Country").click();
    await page.locator(".bubble").getByText("In the file: “Germany”").waitFor();
    await page.getByText("3, 2 left").waitFor();
  },
);

browserTest("a double click opens the whole value, which goes with its cell", async (browser) => {
  await using api = await serving(options);
  const long = "a name that is longer than any column and longer than twenty characters too";
  const lines = Array.from({ length: 60 }, (_, i) => `${i + 1},${i === 3 ? long : "x"},XX`);
  const run = await load(api, `Nr,name,Country\n${lines.join("\n")}\n`);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  const suggested = Promise.withResolvers<void>();
  await page.route("**/suggestions", async (route) => {
    await suggested.promise;
    await route.continue();
  });
  await show(page, run);
  await cell(page, 3, "name").dblclick();
  const editor = page.locator(".editor");
  await editor.waitFor();
  assert.equal(await editor.inputValue(), long);
  const fits = await page.evaluate(`(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.querySelector(".editor");
    return scrollWidth <= clientWidth && scrollHeight <= clientHeight;
  })()`);
  assert.ok(fits);
  const place = cell(page, 3, "name");
  // Suggestions move all that is below them.
  suggested.resolve();
  await page.getByText("Country: ").waitFor();
  await page.waitForFunction(`(() => {
    const top = (name) => document.querySelector(name).getBoundingClientRect().top;
    const cell = '[aria-rowindex="5"] [aria-colindex="4"]';
    return Math.abs(top(".editor") - top(".grid " + cell)) < 2;
  })()`);
  const above = await place.boundingBox();
  const top = await page.evaluate(`(async () => {
    document.querySelector(".grid").scrollTop += 34;
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
    return document.querySelector(".editor").getBoundingClientRect().top;
  })()`);
  assert.ok(Math.abs(above!.y - 34 - Number(top)) < 2, `${above!.y} ${top}`);
  await page.evaluate("document.querySelector('.grid').scrollTop = 1500");
  await editor.waitFor({ state: "hidden" });
  assert.deepEqual(await corrections(api, run), []);
});

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(
    `the grid keeps nobody out, in the ${colorScheme} and on a phone`,
    async (browser) => {
      await using api = await serving(options);
      const run = await load(api, FILE);
      await using opened = await browser.open(api.origin, { colorScheme });
      const { page } = opened;
      await show(page, run);
      await cell(page, 0, "Country").click();
      await page.keyboard.type("DE");
      await page.keyboard.press("Enter");
      await cell(page, 0, "What").getByText("Ready to retry").waitFor();
      await assertAccessible(page);
      await page.getByText("Upload corrected file").click();
      await assertAccessible(page);
      await page.setViewportSize({ width: 390, height: 844 });
      await show(page, run);
      await assertFits(page);
      await assertAccessible(page);
    },
  );
}
