/** Where scripts don't run, failed rows can be read, left out, and retried. */
import assert from "node:assert/strict";
import { load } from "../http/pages/browsing.ts";
import { serving } from "../http/serving.ts";
import { assertFits, browserTest } from "../support/browser.ts";

const options = {
  tables: "create table people (id int primary key, name text, country text)",
  importers: {
    people: "table: people\nkey: id\ncolumns:\n  id: {}\n  name: {}\n" +
      "  country: { one_of: [DE, FR] }\n",
  },
};

browserTest("without scripts, rows are shown, left out, and retried", async (browser) => {
  await using api = await serving(options);
  await load(api, "id,name,country\n1,Ana,DE\n2,Bo,Germany\n3,Cy,Germany\n4,Di,XX\n");
  await using opened = await browser.open(api.origin, { javaScriptEnabled: false });
  const { page } = opened;
  await page.goto("/");
  await page.getByRole("link", { name: "people" }).first().click();
  await page.getByRole("link", { name: "Repair 3 rows", exact: true }).click();
  await page.getByRole("rowheader", { name: "3", exact: true }).waitFor();
  assert.equal(await page.locator("td.wrong").count(), 3);
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page);
  await page.getByText("Leave out …").click();
  await page.getByLabel("Why").fill("test data");
  await page.getByRole("button", { name: "Leave them out" }).click();
  await page.getByText("All of them are left out for good").waitFor();
  await page.getByText("Leave out …").click();
  await page.getByRole("button", { name: "Take them back in" }).click();
  await page.getByRole("button", { name: "Retry all 3" }).click();
  await page.getByRole("heading", { name: "people, retry" }).waitFor();
});

browserTest(
  "a run that is deleted while its rows are on screen is said to be gone",
  async (browser) => {
    await using api = await serving(options);
    const run = await load(api, "id,name,country\n2,Bo,Germany\n");
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto(`/runs/${run}/rows`);
    await page.locator(".grid .wrong").click();
    await api.ask(`/${run}`, { method: "DELETE" });
    await page.keyboard.type("DE");
    await page.keyboard.press("Enter");
    await page.getByText(`There is no run ${run}.`).waitFor();
    await page.locator(".grid .cell.unsent").waitFor();
    troubles.length = 0;
  },
);
