/** The program itself serves its pages: with `deno task test:binary`, the compiled one. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ingest } from "../cli/start_program.ts";
import { startServing } from "../e2e/serve_process.ts";
import { assertAccessible, browserTest } from "../support/browser.ts";
import { testDatabase } from "../support/database.ts";

const FILE = "id,name,country\n1,Ana,DE\n2,Bo,Germany\n3,Cy,Germany\n";

browserTest("a file is imported, its failed rows are repaired, and retried", async (browser) => {
  await using db = await testDatabase();
  await db.session.execute("create table people (id int primary key, name text, country text)");
  await using server = await startServing({ database: db }, "--workers", "1");
  await Deno.writeTextFile(
    `${server.folder}/importers/people.yaml`,
    "table: people\nkey: id\ncolumns: { id: {}, name: {}, country: { one_of: [DE, FR] } }\n",
  );
  await using opened = await browser.open(`http://127.0.0.1:${server.port}`);
  const { page } = opened;
  await page.goto("/");
  await page.getByRole("link", { name: "New import" }).first().click();
  await page.locator("input[type=file]").setInputFiles({
    ...{ name: "people.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) },
  });
  await page.getByText("Now choose where it goes.").waitFor();
  await page.getByRole("link", { name: "people" }).click();
  await page.getByRole("heading", { name: "2 of the 3 rows would fail" }).waitFor();
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.locator("h1").getByText("Some rows failed").waitFor();
  await page.getByRole("link", { name: "Repair 2 rows", exact: true }).click();
  await page.locator(".grid .wrong").first().click();
  await page.keyboard.type("DE");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Change 1 × “Germany” to “DE”" }).click();
  await page.getByRole("button", { name: "Retry 2 corrected rows" }).click();
  await page.locator("h1").getByText("Completed").waitFor();
  await assertAccessible(page);
  assert.deepEqual(
    await db.session.query("select id, country from people order by id"),
    [1, 2, 3].map((id) => ({ id, country: "DE" })),
  );
  // The commands see the same.
  const { code, stdout } = await ingest(["status", "1", "--json"], {
    ...{ database: db, env: server.env },
  });
  assert.equal(code, 0, stdout);
  assert.equal(JSON.parse(stdout).data.progress.unresolved, 0);
});
