/** A file on its way from somebody's desktop into a table, in a real browser. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { textRow, workbook } from "../source/xlsx/workbook.ts";
import { signedIn } from "../http/pages/browsing.ts";
import { type Serving, serving } from "../http/serving.ts";
import { assertAccessible, assertFits, browserTest } from "../support/browser.ts";

const options = {
  tables: `create table people (id int primary key, name text not null, note text);
    create table places (id int primary key, name text)`,
  importers: {
    people: "table: people\nkey: id\ncolumns:\n  id: {}\n  name: { max_length: 20 }\n",
    places: "table: places\nkey: id\noptions: { once: true }\n",
  },
  workers: true,
};

const FILE = "id,name,extra\n1,Ana,\n2,Bo,\n3,,\nx,Cid,\n";

interface Dropped {
  readonly name: string;
  readonly text: string;
}

/** As if somebody dropped them on the page's heading, which invites to it once its script is there. */
async function drop(page: Page, ...files: readonly Dropped[]): Promise<void> {
  await page.locator("html.scripted").waitFor({ state: "attached" });
  const transfer = await page.evaluateHandle<object>(`
    const transfer = new DataTransfer();
    for (const { name, text } of ${
    JSON.stringify(files)
  }) transfer.items.add(new File([text], name));
    transfer;
  `);
  for (const type of ["dragenter", "dragover", "drop"]) {
    await page.locator("h1").dispatchEvent(type, { dataTransfer: transfer });
  }
}

const people = { name: "people.csv", text: FILE };
const place = { name: "places.csv", text: "id,name\n1,Rome\n" };

browserTest("a file that is chosen before the script has arrived is kept", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  const chosen = Promise.withResolvers<void>();
  await page.route("**/import.js", async (route) => {
    await chosen.promise;
    await route.continue();
  });
  await page.goto("/import", { waitUntil: "commit" });
  await page.locator("input[type=file]").setInputFiles({
    ...{ name: people.name, mimeType: "text/csv", buffer: Buffer.from(people.text) },
  });
  chosen.resolve();
  await page.getByText("Now choose where it goes.").waitFor();
  await page.getByRole("link", { name: "people" }).click();
  await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
});

browserTest("a file is dropped, looked at, tried, and imported", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto("/import");
  await assertAccessible(page);
  await drop(page, people);
  await page.getByText("Now choose where it goes.").waitFor();
  await page.getByRole("link", { name: "people" }).click();
  await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
  assert.equal(new URL(page.url()).search, "?importer=people");
  await page.getByText("Is required.").last().waitFor();
  assert.equal(await page.locator("td.wrong").count(), 2);
  await page.getByText("Not used from the file:").waitFor();
  await assertAccessible(page);
  await assertFits(page);

  await page.getByRole("button", { name: "Dry run" }).click();
  await page.getByText("Dry run: 2 would be created, 2 would fail. Nothing was changed.").waitFor();
  assert.deepEqual(await api.database.session.query("select id from people"), []);
  await assertAccessible(page);
  const dryRun = await page.getByRole("link", { name: /See run/u }).getAttribute("href") ?? "";
  const other = await opened.anotherTab();
  await other.goto(dryRun);
  await other.locator("h1").getByText("Some rows would fail").waitFor();

  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.locator("h1").getByText("Some rows failed").waitFor();
  assert.deepEqual(
    await api.database.session.query("select id, name from people order by id"),
    [{ id: 1, name: "Ana" }, { id: 2, name: "Bo" }],
  );
});

browserTest(
  "what is no single file is refused at once, and the next one is taken",
  async (browser) => {
    await using api = await serving({ ...options, maxUpload: 3_000 });
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await page.goto("/import?importer=people");
    const alert = page.locator(".told");
    await drop(page, people, place);
    await alert.getByText("Those are 2 files.").waitFor();
    await drop(page, { name: "empty.csv", text: "" });
    await alert.getByText("empty.csv is empty").waitFor();
    await drop(page, { name: "large.csv", text: "x".repeat(3_001) });
    await alert.getByText("This server takes files up to 3.0 kB").waitFor();
    await drop(page, { name: "scan.pdf", text: "%PDF-1.7\n%âãÏÓ\n" });
    await page.getByRole("heading", { name: "This can’t be imported" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Import" }).count(), 0);
    await drop(page, { name: "header.csv", text: "id,name\n" });
    await page.getByRole("heading", { name: "There are no rows in it" }).waitFor();
    await drop(page, people);
    await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
  },
);

browserTest(
  "a file that is read wrongly is read as somebody says, also by the run",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await page.goto("/import?importer=people");
    await drop(page, { name: "p.csv", text: "People of May\nid|name\n1|Ana\n" });
    await page.getByRole("heading", { name: "This file doesn’t fit people yet" }).waitFor();
    await page.getByText("Change", { exact: true }).last().click();
    await page.getByLabel("Lines above the names").fill("1");
    await page.getByRole("button", { name: "Read it like this" }).click();
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.locator("h1").getByText("Completed").waitFor();
    assert.deepEqual(
      await api.database.session.query("select id, name from people"),
      [{ id: 1, name: "Ana" }],
    );
  },
);

browserTest(
  "a table needs no importer, and its key says which rows are the same",
  async (browser) => {
    await using api = await serving(options);
    await api.database.session.execute("insert into places values (1, 'Roma')");
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await page.goto("/import");
    await drop(page, place);
    await page.getByLabel("Or a table without an importer").selectOption("places");
    await page.getByRole("button", { name: "Use this table" }).click();
    await page.getByRole("heading", { name: "Its only row would fail" }).waitFor();
    await page.getByLabel("Rows with the same").selectOption("id");
    await page.getByRole("heading", { name: "Nothing in it is new" }).waitFor();
    await page.getByLabel("as one in the table").selectOption("update it");
    await page.waitForURL(/on_duplicate=update/u);
    await assertAccessible(page);
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.locator("h1").getByText("Completed").waitFor();
    assert.deepEqual(
      await api.database.session.query("select name from places"),
      [{ name: "Rome" }],
    );
  },
);

browserTest(
  "a file that was loaded before is loaded again only if somebody insists",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    for (const attempt of ["first", "second"]) {
      await page.goto("/import?importer=places");
      await drop(page, place);
      await page.getByRole("button", { name: "Import", exact: true }).click();
      if (attempt === "first") await page.locator("h1").getByText("Completed").waitFor();
      else await page.getByText("This file was loaded before.").waitFor();
    }
    await page.getByText("has loaded the same bytes").waitFor();
    assert.match(
      await page.getByRole("link", { name: /See run \d+/u }).getAttribute("href") ?? "",
      /^\/runs\/\d+$/u,
    );
    await page.getByRole("button", { name: "Load it anyway" }).click();
    await page.locator("h1").getByText("Completed").waitFor();
  },
);

browserTest(
  "of a workbook with several sheets one is chosen, and the file stays",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    const rows = (name: string) => textRow("id", "name") + textRow("1", name);
    const book = workbook({
      sheets: [{ name: "May", rows: rows("Ana") }, { name: "June & July", rows: rows("Bo") }],
    });
    await page.goto("/import?importer=people");
    await page.setInputFiles("#file", {
      ...{ name: "people.xlsx", mimeType: "application/octet-stream" },
      buffer: Buffer.from(book),
    });
    const sheet = page.getByLabel("Which sheet has the rows?");
    await sheet.waitFor();
    await assertAccessible(page);
    await sheet.selectOption("June & July");
    await page.getByRole("button", { name: "Read this one" }).click();
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    await page.getByRole("cell", { name: "Bo" }).waitFor();
    await assertAccessible(page);
    await page.getByRole("link", { name: "Choose another" }).click();
    await sheet.selectOption("May");
    await page.getByRole("button", { name: "Read this one" }).click();
    await page.getByRole("cell", { name: "Ana" }).waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.locator("h1").getByText("Completed").waitFor();
    assert.deepEqual(await api.database.session.query("select name from people"), [{
      name: "Ana",
    }]);
  },
);

browserTest(
  "a large file that was loaded before is told by its dry run",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    // More than the server looks at.
    const text = `id,name,note\n${
      Array.from({ length: 30_000 }, (_, i) => `${i},Ana,${"x".repeat(30)}\n`).join("")
    }`;
    const file = { name: "large.csv", text };
    for (const attempt of ["first", "second"]) {
      await page.goto("/import?importer=people");
      await drop(page, file);
      await page.getByText(/of the first 1,000 rows|Nothing in it is new/u).first().waitFor();
      assert.equal(await page.getByText("was loaded before").count(), 0);
      if (attempt === "second") {
        await page.getByRole("button", { name: "Dry run" }).click();
        await page.getByText(/Run 1 has loaded this file before, on /u).waitFor();
        await assertAccessible(page);
        continue;
      }
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.locator("h1").getByText("Completed").waitFor();
    }
  },
);

browserTest(
  "all columns of a wide file are shown when somebody wants them",
  async (browser) => {
    const names = Array.from({ length: 120 }, (_, i) => `column_${i}`);
    await using api = await serving({
      tables: `create table wide (${names.map((name) => `${name} text`).join(", ")})`,
    });
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await page.goto("/import?table=wide");
    const cells = names.map((_, i) => `cell ${i}`).join(",");
    const text = `${names.join(",")}\n${`${cells}\n`.repeat(40)}`;
    await drop(page, { name: "wide.csv", text });
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    const last = page.getByLabel("Column of the file for column_119");
    assert.equal(await last.count(), 0);
    await page.getByRole("button", { name: "Show all columns" }).first().click();
    await last.waitFor();
    await assertAccessible(page);
    assert.equal(await page.getByRole("button", { name: "Show all columns" }).count(), 0);
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.waitForURL(/\/runs\/\d+$/u);
  },
);

browserTest(
  "an upload shows how far it is, is cancelled, breaks off, and is sent again",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto("/import?importer=people");
    await drop(page, people);
    const importing = page.getByRole("button", { name: "Import", exact: true });
    await importing.waitFor();
    // One route for all of it: taking one away lets go what it holds.
    let server: "takes its time" | "is gone" | "answers" = "takes its time";
    await page.route("**/upload/people*", async (route) => {
      if (server === "is gone") await route.abort();
      if (server === "answers") await route.continue();
    });
    await importing.click();
    await page.getByRole("progressbar", { name: "Sent" }).waitFor();
    await assertAccessible(page);
    // Nothing else is taken meanwhile.
    await drop(page, place);
    await page.getByText("A file is on its way.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled. Nothing was loaded.").waitFor();

    server = "is gone";
    await importing.click();
    await page.getByText("The connection broke after").waitFor();
    server = "answers";
    assert.deepEqual(await api.database.session.query("select id from ingest.runs"), []);
    await importing.click();
    await page.locator("h1").getByText("Some rows failed").waitFor();
    // That the connection broke is what the browser complains about.
    assert.ok(troubles.every((text) => text.includes("ERR_FAILED")), troubles.join("\n"));
    troubles.length = 0;
  },
);

browserTest("an upload whose answer is lost isn't done twice", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const { page, troubles } = opened;
  await page.goto("/import?importer=people");
  await drop(page, people);
  const importing = page.getByRole("button", { name: "Import", exact: true });
  await page.route("**/upload/people*", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await importing.click();
  await page.getByText("The connection broke").waitFor();
  await importing.click();
  await page.locator("h1").getByText("Some rows failed").waitFor();
  assert.equal((await api.database.session.query("select id from ingest.runs")).length, 1);
  troubles.length = 0;
});

browserTest("whoever cancels when all is sent is told that there may be a run", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  await page.goto("/import?importer=people");
  await drop(page, people);
  const importing = page.getByRole("button", { name: "Import", exact: true });
  await importing.waitFor();
  const { session } = api.database;
  await session.execute("begin");
  // The server has the file, and can't make its run yet.
  await session.execute("lock table ingest.runs in share mode");
  await importing.click();
  await page.getByText("It is being checked").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("the whole file was sent already").waitFor();
  await page.getByRole("link", { name: "All runs" }).waitFor();
  await session.execute("rollback");
  // Whatever became of it: there is one run, and not two.
  await importing.click();
  await page.waitForURL(/\/runs\/\d+$/u);
  assert.equal((await session.query("select id from ingest.runs")).length, 1);
});

browserTest(
  "what goes where is changed for one run, by keyboard, and the next file begins as usual",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page } = opened;
    await page.goto("/import");
    await drop(page, { name: "p.csv", text: "Nr,Full name,Remark\n1,Ana,x\n2,Bo,y\n" });
    await page.getByLabel("Or a table without an importer").selectOption("people");
    await page.getByRole("button", { name: "Use this table" }).click();
    await page.getByRole("heading", { name: "This file doesn’t fit people yet" }).waitFor();
    await assertAccessible(page);
    const choice = (column: string) => page.getByLabel(`Column of the file for ${column}`);
    const choose = async (column: string, name: string) => {
      await choice(column).focus();
      await choice(column).selectOption(name);
    };
    await choose("id", "Nr");
    await choose("name", "Full name");
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    // The choice that was made last still has the focus.
    assert.equal(
      await page.evaluate("document.activeElement?.closest('tr')?.dataset.column"),
      "name",
    );
    await page.keyboard.press("Tab");
    await page.keyboard.type("Remark");
    await page.getByText("note comes from").waitFor();
    await page.getByText("Changed for this run only").waitFor();
    await assertAccessible(page);
    await assertFits(page);
    await page.getByRole("button", { name: "Dry run" }).click();
    await page.getByText("Dry run: 2 would be created, none would fail.").waitFor();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.locator("h1").getByText("Completed").waitFor();
    await page.getByText("For this run only, the mapping was changed").waitFor();
    assert.deepEqual(
      await api.database.session.query("select id, name, note from people order by id"),
      [{ id: 1, name: "Ana", note: "x" }, { id: 2, name: "Bo", note: "y" }],
    );

    await page.goto("/import?importer=people");
    await drop(page, people);
    await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
    await choose("name", "extra");
    await page.getByRole("heading", { name: "4 of the 4 rows would fail" }).waitFor();
    await page.getByRole("button", { name: "Undo the changes" }).click();
    await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
    await choose("name", "extra");
    await page.getByRole("heading", { name: "4 of the 4 rows would fail" }).waitFor();
    await drop(page, { ...people, name: "others.csv" });
    await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
    await choose("name", "– not filled –");
    await page.getByText("name is needed in every row: say which column").waitFor();
    await choose("name", "name");
    await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
    assert.equal(await page.getByRole("button", { name: "Undo the changes" }).count(), 0);
  },
);

browserTest(
  "what was settled for a file is saved under a name, and in an importer, while the file stays",
  async (browser) => {
    await using api = await serving({ ...options, savesDefinitions: true });
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto("/import?table=people&key=%5B%22id%22%5D&on_duplicate=update");
    await drop(page, { name: "p.csv", text: "Nr;Full name\n1;Ana\n2;Bo\n" });
    const choice = (column: string) => page.getByLabel(`Column of the file for ${column}`);
    const choose = async (column: string, name: string) => {
      await choice(column).focus();
      await choice(column).selectOption(name);
    };
    await choose("id", "Nr");
    await choose("name", "Full name");
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    const name = page.getByLabel("Save all this as");
    // That one is taken.
    assert.equal(await name.inputValue(), "people");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("There is an importer people already").waitFor();
    await assertAccessible(page);
    await name.fill("staff");
    await page.keyboard.press("Enter");
    await page.getByText("Saved as the importer staff.").waitFor();
    assert.equal(new URL(page.url()).search, "?importer=staff");
    assert.equal(
      await Deno.readTextFile(`${api.folder}/importers/staff.yaml`),
      "table: people\nkey: [id]\non_duplicate: update\ncolumns:\n  id: Nr\n  name: Full name\n",
    );
    const keep = page.getByRole("heading", { name: "For the next time" });
    assert.equal(await keep.isVisible(), false);
    await choose("note", "Full name");
    await page.getByRole("button", { name: "Save the changes in staff" }).click();
    await page.getByText("Saved in staff.yaml.").waitFor();
    assert.equal(await keep.isVisible(), false);
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.locator("h1").getByText("Completed").waitFor();
    assert.deepEqual(
      await api.database.session.query("select id, name, note from people order by id"),
      [{ id: 1, name: "Ana", note: "Ana" }, { id: 2, name: "Bo", note: "Bo" }],
    );
    // The browser complains of the name that was taken.
    assert.ok(troubles.every((text) => text.includes("422")), troubles.join("\n"));
    troubles.length = 0;
  },
);

async function signInto(api: Serving, page: Page, token: string, to: string): Promise<void> {
  await page.goto(`/sign-in?to=${encodeURIComponent(to)}`);
  await page.getByLabel("Access token").fill(token);
  await page.keyboard.press("Enter");
  await page.waitForURL(api.origin + to);
}

browserTest(
  "who is signed out meanwhile signs in elsewhere, and the file stays",
  async (browser) => {
    await using api = await serving({ ...options, tokens: true });
    const token = await api.token("run", { name: "soon gone" });
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await signInto(api, page, token, "/import?importer=people");
    await drop(page, people);
    const importing = page.getByRole("button", { name: "Import", exact: true });
    await importing.waitFor();
    await api.database.session.execute("update ingest.tokens set revoked_at = now()");
    await importing.click();
    await page.getByText("You are signed out. The file stays here").waitFor();
    const link = page.getByRole("link", { name: "Sign in in another tab" });
    const to = await link.getAttribute("href") ?? "";
    assert.equal(to, "/sign-in?to=%2Fimport%3Fimporter%3Dpeople");
    const other = await opened.anotherTab();
    await signInto(api, other, await api.token("run"), "/import?importer=people");
    await page.getByRole("button", { name: "Try again" }).click();
    await importing.click();
    await page.locator("h1").getByText("Some rows failed").waitFor();
    troubles.length = 0;
  },
);

browserTest(
  "an importer that is removed meanwhile is told, and the file goes elsewhere",
  async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin);
    const { page, troubles } = opened;
    await page.goto("/import?importer=people");
    await drop(page, { name: "places.csv", text: "id,name\n1,Rome\n" });
    await page.getByRole("heading", { name: "Looks good" }).waitFor();
    await Deno.remove(`${api.folder}/importers/people.yaml`);
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText("There is no such importer.").waitFor();
    await page.getByRole("link", { name: "Change" }).click();
    await page.getByRole("link", { name: "places" }).click();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.locator("h1").getByText("Completed").waitFor();
    troubles.length = 0;
  },
);

browserTest("hostile names and cells are text in the preview, too", async (browser) => {
  await using api = await serving(options);
  await using opened = await browser.open(api.origin);
  const { page } = opened;
  const evil = '<img src=x onerror="document.title=1">\u202e';
  await page.goto("/import?importer=people");
  await drop(page, {
    name: `${evil}.csv`,
    text: `id,name,"${evil.replaceAll('"', '""')}"\n1,"${evil.replaceAll('"', '""')}",\n`,
  });
  await page.locator("td.wrong").waitFor();
  assert.equal(await page.locator("main img").count(), 0);
  assert.match(await page.title(), /New import/u);
});

for (const path of ["/import", "/import?importer=people", "/importers", "/importers/people"]) {
  browserTest(`${path} fits a phone in the dark, and keeps nobody out`, async (browser) => {
    await using api = await serving(options);
    await using opened = await browser.open(api.origin, {
      ...{ viewport: { width: 390, height: 844 }, colorScheme: "dark" },
    });
    const { page } = opened;
    await page.goto(path);
    await page.getByRole("heading").first().waitFor();
    await assertFits(page);
    await assertAccessible(page);
  });
}

browserTest("without scripts a file is looked at and imported by the form", async (browser) => {
  await using api = await serving({ ...options, tokens: true });
  const { cookie } = await signedIn(api, "run");
  const [name, value] = cookie.split("=");
  await using opened = await browser.open(api.origin, {
    javaScriptEnabled: false,
    storageState: {
      origins: [],
      cookies: [{
        ...{ name, value, domain: "127.0.0.1", path: "/", expires: -1 },
        ...{ httpOnly: true, secure: false, sameSite: "Strict" },
      }],
    },
  });
  const { page } = opened;
  const file = `${api.folder}/people.csv`;
  await Deno.writeTextFile(file, FILE);
  await page.goto("/import?importer=people");
  await page.setInputFiles("#file", file);
  await page.getByRole("button", { name: "Look at it first" }).click();
  await page.getByRole("heading", { name: "2 of the 4 rows would fail" }).waitFor();
  await page.setInputFiles("#file", file);
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.waitForURL(/\/runs\/\d+$/u);
});
