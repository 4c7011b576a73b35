/** What Tab does in real shells. */
import assert from "node:assert/strict";
import { identifier } from "../../../src/db/quoting.ts";
import { migratedDatabase } from "../../support/database.ts";
import { temporaryFolder } from "../customers.ts";
import { ingest } from "../start_program.ts";
import { atPrompt, fishOffers, missing } from "./shells.ts";

/** Columns of the table, and what somebody types of them: bare, or behind a quote. */
const COLUMNS: Readonly<Record<string, string>> = {
  "we ird": "we",
  "it's": "it",
  "co:lon": "co:",
  "new\nline": "ne",
  'quo"te': "qu",
  "dol$lar": "do",
  "back\\slash": "ba",
  "$(touch RAN)": "",
  "~tilde": "",
  "über": "ü",
  "semi;colon": "se",
  "com,ma": "",
};

async function oddFailures() {
  const names = Object.keys(COLUMNS);
  const db = await migratedDatabase();
  const folder = await temporaryFolder();
  await db.session.execute(
    `create table odd (${names.map((name) => `${identifier(name)} int`).join(", ")})`,
  );
  const file = `${folder.path}/it's a "file": 1.csv`;
  const lines = names.map((_, bad) => names.map((_, at) => at === bad ? "x" : "1").join(","));
  const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(",");
  await Deno.writeTextFile(file, [header, ...lines, ""].join("\n"));
  await Deno.mkdir(`${folder.path}/importers`);
  await Deno.writeTextFile(`${folder.path}/importers/customers.yaml`, "table: odd\n");
  await Deno.writeTextFile(`${folder.path}/other file.csv`, "a\n");
  const { code } = await ingest(["run", "--table", "odd", "--file", file], { database: db });
  assert.equal(code, 3);
  return {
    db,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      await folder[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

for (const shell of ["bash", "zsh"] as const) {
  Deno.test(`${shell} completes commands, flags, values, importers, runs and odd names`, async () => {
    if (missing(shell, "script")) return;
    await using world = await oddFailures();
    const { db: database, folder } = world;
    await using prompt = await atPrompt(shell, folder, { database });
    const becomes = async (keys: string, words: readonly string[]) => {
      assert.deepEqual(await prompt.run(keys), words, keys);
    };
    await becomes("ingest verif\t1", ["verify", "1"]);
    await becomes("ingest db sta\trt", ["db", "start"]);
    await becomes("ingest help mig\t", ["help", "migrate"]);
    await becomes("ingest run cus\t--fi\t oth\t", ["run", "customers", "--file", "other file.csv"]);
    await becomes("ingest run --file=oth\t", ["run", "--file=other file.csv"]);
    // zsh takes the slash away again, as it does for any folder.
    const importers = shell === "zsh" ? "importers" : "importers/";
    await becomes("ingest run --importers imp\t", ["run", "--importers", importers]);
    await becomes("ingest rows 1 --status=fa\t", ["rows", "1", "--status=failed"]);
    await becomes("ingest errors \t--code foreign_k\t", ["errors", "1", "--code", "foreign_key"]);
    await becomes("ingest errors --code type,foreign_k\t", [
      "errors",
      "--code",
      "type,foreign_key",
    ]);
    await becomes("ingest completions fi\t", ["completions", "fish"]);
    for (const [name, typed] of Object.entries(COLUMNS)) {
      if (typed === "") continue;
      const words = ["errors", "1", "--column", name];
      await becomes(`ingest errors 1 --column ${typed}\t`, words);
      await becomes(`ingest errors 1 --column '${typed}\t`, words);
      await becomes(`ingest errors 1 --column "${typed}\t`, words);
    }
    await becomes("ingest errors 1 --column=co:\t", ["errors", "1", "--column=co:lon"]);
    await becomes("ingest errors 1 --column='we\t", ["errors", "1", "--column=we ird"]);
    await becomes("ingest errors 1 --column '$\t", ["errors", "1", "--column", "$(touch RAN)"]);
    await becomes("ingest errors 1 --column \\~\t", ["errors", "1", "--column", "~tilde"]);
    await becomes("ingest errors 1 --column '\"\t", ["errors", "1", "--column", '"com,ma"']);
    await becomes("ingest errors 1 --column it\\'s,we\t", [
      "errors",
      "1",
      "--column",
      "it's,we ird",
    ]);
    await assert.rejects(Deno.stat(`${folder}/RAN`), Deno.errors.NotFound);
  });
}

Deno.test("bash lists runs, the latest first", async () => {
  if (missing("bash", "script")) return;
  await using world = await oddFailures();
  const { db: database, folder } = world;
  await ingest(["retry", "1"], { database });
  await using prompt = await atPrompt("bash", folder, { database });
  assert.match(await prompt.show("ingest errors \t\t", "1 "), /\n2 +1 /u);
});

Deno.test("zsh shows runs with their file and status, the latest first", async () => {
  if (missing("zsh", "script")) return;
  await using world = await oddFailures();
  const { db: database, folder } = world;
  await ingest(["retry", "1"], { database });
  await using prompt = await atPrompt("zsh", folder, { database });
  const file = 'it\'s a "file": 1.csv, completed with errors';
  const shown = await prompt.show("ingest errors \t", `1  -- ${file}`);
  assert.ok(shown.includes(`2  -- ${file}, retry of 1`), shown);
});

Deno.test("fish offers values with descriptions, the latest run first", async () => {
  if (missing("fish")) return;
  await using world = await oddFailures();
  const { db: database, folder } = world;
  await ingest(["retry", "1"], { database });
  const file = 'it\'s a "file": 1.csv, completed with errors';
  const offers = await fishOffers(
    [
      "ingest errors ",
      "ingest errors 1 --column '",
      "ingest errors 1 --column=it\\'s,we",
      "ingest run --file=oth",
      "ingest rows 1 --status=fa",
      "ingest verif",
      "ingest errors 1 --group ",
    ],
    folder,
    { database },
  );
  const [runs, columns, list, files, values, commands, groups] = offers;
  assert.deepEqual(runs, [`2\t${file}, retry of 1`, `1\t${file}`]);
  // A name with a line end takes two lines of what `complete -C` prints.
  const names = columns.map((offer) => offer.split("\t")[0]).toSorted();
  const written = Object.keys(COLUMNS).map((name) => name.includes(",") ? `"${name}"` : name);
  assert.deepEqual(names, written.flatMap((name) => name.split("\n")).toSorted());
  assert.deepEqual(list, ["--column=it's,we ird\t1 error"]);
  assert.deepEqual(files.map((offer) => offer.split("\t")[0]), ["--file=other file.csv"]);
  assert.deepEqual(values, ["--status=failed"]);
  assert.deepEqual(commands, ["verify\tcompare what a run has loaded with the table"]);
  assert.match(groups.join("\n"), /^[0-9a-f]{6,}\t12 errors: /mu);
});
