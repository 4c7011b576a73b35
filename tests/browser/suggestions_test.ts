/** What would make many failed rows right at once is a click away. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { load } from "../http/pages/browsing.ts";
import { sendJson } from "../http/customer_runs.ts";
import { serving } from "../http/serving.ts";
import { assertAccessible, assertFits, browserTest } from "../support/browser.ts";

const options = {
  tables: "create table people (id int primary key, name text, amount numeric)",
  importers: {
    people: "table: people\nkey: id\ncolumns:\n  id: {}\n  name: { max_length: 9 }\n" +
      "  amount: { from: Betrag, type: decimal }\n",
  },
};

const FILE = `id;name;Betrag\n${
  Array.from({ length: 30 }, (_, i) => `${i};name ${i};1.00${i % 10},50`).join("\n")
}\n31;name 31;nothing\n`;

async function show(page: Page, run: number): Promise<void> {
  await page.goto(`/runs/${run}/rows`);
  await page.locator(".grid .row:not(.waiting) .n").first().waitFor();
}

browserTest("what many rows need is one click, one more takes it back", async (browser) => {
  await using api = await serving({ ...options, workers: true });
  const run = await load(api, FILE);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await page.getByText("Betrag: does “1.000,50” mean “1000.50”?").waitFor();
  await assertAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await page.setViewportSize({ width: 1280, height: 720 });
  await page.getByRole("button", { name: "Yes, correct 30 rows" }).click();
  await page.getByRole("button", { name: "Retry 30 corrected rows" }).waitFor();
  await page.getByText("Corrected 30 rows.").waitFor();
  await page.locator(".grid .good").first().getByText("Ready to retry").waitFor();
  // It is done, so nobody is asked again.
  await page.getByText("does “1.000,50” mean").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "Retry all 31" }).waitFor();
  await page.getByRole("button", { name: "Yes, correct 30 rows" }).click();
  await page.getByRole("button", { name: "Retry 30 corrected rows" }).click();
  await page.getByRole("heading", { name: "people, retry" }).waitFor();
  await api.ended(run + 1);
  const [{ sum }] = await api.database.session.query<{ sum: string }>(
    "select sum(amount)::text from people",
  );
  assert.equal(sum, "30150.00");
});

browserTest("what was corrected before says at once whether it is right", async (browser) => {
  await using api = await serving(options);
  const run = await load(api, FILE);
  const corrections = [["3", "Betrag", "x"], ["4", "Betrag", "5.25"]].map((
    [row, column, value],
  ) => ({
    row_number: Number(row),
    column,
    value,
  }));
  await api.ask(`/${run}/corrections`, sendJson({ corrections }));
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await page.getByText("✓ Ready to retry").waitFor();
  await page.getByText("1 still wrong").waitFor();
  await page.getByRole("button", { name: "Retry 1 corrected row" }).waitFor();
  const cell = page.locator('.grid [aria-rowindex="4"] .changed');
  assert.equal(await cell.getAttribute("aria-invalid"), "true");
});

browserTest("what only the definition can say has no button", async (browser) => {
  await using api = await serving(options);
  const run = await load(api, "id;name;Betrag\n1;a longer name;1\n2;another long name;2\n");
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await show(page, run);
  await page.getByText("max_length: ").waitFor();
  assert.equal(await page.locator("[data-suggestions] button").count(), 0);
});

browserTest(
  "who may change definitions saves a suggestion, for files to come too",
  async (browser) => {
    await using api = await serving({ ...options, savesDefinitions: true });
    const run = await load(api, FILE);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await show(page, run);
    await page.getByRole("button", { name: "Save in the importer" }).click();
    await page.getByText("Saved in people.yaml. 30 rows would be right now.").waitFor();
    await page.getByRole("button", { name: "Retry all 31" }).click();
    await page.getByRole("heading", { name: "people, retry" }).waitFor();
    await api.drive(run + 1);
    const later = await load(api, FILE.replaceAll("name ", "Name "));
    const { body } = await api.ask(`/${later}?rows=0`);
    assert.equal(body.data.progress.failed, 1);
  },
);
