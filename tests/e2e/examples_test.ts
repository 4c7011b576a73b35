/**
 * Each folder of `examples/` does what its `expected.json` says: tried first, and then for good. A new
 * example is a folder with a definition, `table.sql`, a file, and what is expected, worked out by hand.
 */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ingest } from "../cli/start_program.ts";
import { migratedDatabase } from "../support/database.ts";

interface Expected {
  /** Unless it completes, with errors or without. */
  readonly status?: string;
  readonly counts: Readonly<Record<"created" | "updated" | "skipped" | "failed", number>>;
  /** What is written to other tables, by table; absent: not compared. */
  readonly related?: Readonly<Record<string, unknown>>;
  /** By row number, in the order of the messages. Empty: not compared. */
  readonly failed: Readonly<Record<string, readonly string[]>>;
  readonly table: { readonly query: string; readonly rows: readonly (readonly unknown[])[] };
}

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));
/** What `run` exits with: all is well, rows failed, the run failed, it is held. */
const EXITS = [0, 2, 3, 1, 8];

const names = (await readdir(EXAMPLES)).toSorted();

for (const name of names) {
  Deno.test(`examples/${name} does what it says, and what its dry run says`, async () => {
    const folder = join(EXAMPLES, name);
    const read = (file: string) => Deno.readTextFile(join(folder, file));
    const definition = (await readdir(join(folder, "importers")))
      .find((file) => file.endsWith(".yaml") && !file.startsWith("_"));
    const data = (await readdir(folder, { withFileTypes: true }))
      .find((file) => file.isFile() && !["table.sql", "expected.json"].includes(file.name))?.name;
    assert.ok(definition !== undefined && data !== undefined);
    const slug = definition.replace(".yaml", "");
    const command = `# ingest run ${slug} --file ${data}\n`;
    assert.ok((await read(`importers/${definition}`)).includes(command), command);
    const expected: Expected = JSON.parse(await read("expected.json"));

    await using database = await migratedDatabase();
    await database.session.execute(await read("table.sql"));
    const options = { database, cwd: folder };
    const { query, rows } = expected.table;
    const inTable = async () => (await database.session.query<object>(query)).map(Object.values);
    const before = await inTable();

    const tried = await run(["run", slug, "--file", data, "--dry-run"], options);
    assert.deepEqual(tried.counts, expected.counts, "the dry run");
    assert.deepEqual(await inTable(), before, "the dry run changes nothing");
    if (expected.related !== undefined) {
      assert.deepEqual(tried.related, expected.related, "the dry run");
    }

    const done = await run(["run", slug, "--file", data], options);
    if (expected.status !== undefined) assert.equal(done.status, expected.status);
    if (expected.status !== "held") assert.deepEqual(done.counts, expected.counts);
    assert.deepEqual(await inTable(), rows);
    if (expected.related !== undefined) assert.deepEqual(done.related, expected.related);
    if (Object.keys(expected.failed).length > 0) {
      const told = await failedRows(done.id, options);
      assert.deepEqual(told, expected.failed);
      assert.deepEqual(await failedRows(tried.id, options), expected.failed, "the dry run");
    }
  });
}

type Options = Parameters<typeof ingest>[1];

async function run(args: readonly string[], options: Options) {
  const { code, stdout, stderr } = await ingest([...args, "--json"], options);
  assert.ok(EXITS.includes(code), `${code}: ${stderr}`);
  const { data } = JSON.parse(stdout);
  const { created, updated, skipped, failed } = data.progress;
  const counts = { created, updated, skipped, failed };
  return { id: data.id, status: data.status, counts, related: data.summary?.related };
}

async function failedRows(id: number, options: Options) {
  const { stdout, stderr } = await ingest(
    ["rows", String(id), "--status", "failed", "--json"],
    options,
  );
  assert.equal(stderr, "");
  const { data } = JSON.parse(stdout);
  return Object.fromEntries(
    data.map(({ row_number, errors: { message, validation } }: FailedRow) => {
      const columns = Object.values(validation).flat();
      return [String(row_number), columns.length > 0 ? columns : [message]];
    }),
  );
}

interface FailedRow {
  readonly row_number: number;
  readonly errors: {
    readonly message: string;
    readonly validation: Readonly<Record<string, readonly string[]>>;
  };
}
