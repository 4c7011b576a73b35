import assert from "node:assert/strict";
import { installationId } from "../../src/ledger/installation.ts";
import { runCommandLine } from "../../src/cli/main.ts";
import { prunedLines } from "../../src/cli/render/cleaned.ts";
import { formatBytes } from "../../src/report/numbers.ts";
import { parseAge } from "../../src/cli/arguments.ts";
import { age, loaded, PEOPLE, retried } from "../run/chains.ts";
import { type Workshop, workshop } from "../run/importing.ts";
import { temporaryFolder } from "./customers.ts";
import { memoryOutput } from "./memory_output.ts";
import type { Ended } from "./start_program.ts";

async function say(shop: Workshop, line: string): Promise<Ended> {
  const { output, stdout, stderr } = memoryOutput();
  const args = [...line.split(" "), "--database-url", shop.database.url];
  return { code: await runCommandLine(args, output), stdout: stdout.text, stderr: stderr.text };
}

Deno.test("what can't be deleted or pruned is refused in one line, with the right code", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 2);
  await retried(shop, { of: run, status: "processing" });
  const wrong: readonly (readonly [string, number, RegExp])[] = [
    ["delete", 2, /missing required argument 'run'/],
    ...["abc", "0", "-1", "1.5", "12345678901234567890"].map((id) =>
      [`delete ${id}`, 2, /Expected the number of a run/] as const
    ),
    ["delete 99", 5, /There is no run 99\./],
    ["delete 2", 1, /it is processing\. Cancel it first: ingest cancel 2 --wait$/m],
    ["delete 1", 1, /run 2 is processing\. Cancel that first: ingest cancel 2 --wait$/m],
    ["prune", 2, /required option '--older-than <age>' not specified/],
    ...["30", "d", "1.5d", "-1d", "30 days", "1mo", "99999999999999999999d", ""].map((given) =>
      [`prune --older-than=${given}`, 2, /Expected an age such as 30d, 12h, 8w or 1y\./] as const
    ),
    ["rows 0", 2, /Expected the number of a run/],
    ["rows 99", 5, /There is no run 99\./],
    ["runs --limit 0", 2, /from 1 to 1000/],
  ];
  for (const [line, code, message] of wrong) {
    const ended = await say(shop, line);
    assert.deepEqual([ended.code, ended.stdout], [code, ""], `${line}: ${ended.stderr}`);
    assert.match(ended.stderr, /^ingest: [^\n]+\n$/);
    assert.match(ended.stderr, message, line);
  }
  const refused = await say(shop, "delete 1 --json");
  assert.deepEqual([refused.code, JSON.parse(refused.stdout).code], [1, "conflict"]);
});

Deno.test("delete says what it deleted", async () => {
  await using shop = await workshop(PEOPLE);
  const run = await loaded(shop, 1, 2);
  const first = await retried(shop, { of: run, fixed: [2], failed: [3] });
  await retried(shop, { of: first, failed: [3] });
  await loaded(shop, 0, 0);
  const json = await say(shop, "delete 3 --json");
  assert.deepEqual(JSON.parse(json.stdout), {
    data: { id: 3, runs: [3], rows: 1, files: 0, bytes: 0, files_left: [] },
  });
  assert.equal(
    (await say(shop, "delete 1")).stdout,
    "Deleted run 1 and its retry 2: 5 logged rows.\n",
  );
  assert.deepEqual(await say(shop, "delete 4"), {
    code: 0,
    stdout: "Deleted run 4: no logged rows.\n",
    stderr: "",
  });
});

Deno.test("prune says what it did, and a dry run says what it would do", async () => {
  await using shop = await workshop(PEOPLE);
  await using home = await temporaryFolder();
  const orphan = await storedFile(home.path, await installationId(shop.ledger));
  // Of another database that shares the storage.
  const others = await storedFile(home.path, crypto.randomUUID());
  await age(shop, 31, await loaded(shop, 1200, 0), await loaded(shop, 2, 1));
  await loaded(shop, 1, 0);
  Deno.env.set("INGEST_HOME", home.path);
  try {
    const did = "1 run with 1,200 logged rows, 2 logged rows of runs that are kept, 1 file " +
      "without a run; the files took up 5 bytes.\n";
    const kept = "1 run with 1 failed row that can still be retried. --force deletes them, too.\n";
    const would = await say(shop, "prune --older-than 30d --dry-run");
    assert.match(would.stdout, /^Would delete from before \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: /);
    assert.ok(would.stdout.endsWith(`: ${did}Would keep ${kept}`), would.stdout);
    const done = await say(shop, "prune --older-than 30d");
    assert.match(done.stdout, /^Deleted from before /);
    assert.ok(done.stdout.endsWith(`: ${did}Kept ${kept}`), done.stdout);
    const { before, ...rest } = JSON.parse(
      (await say(shop, "prune --older-than 30d --force --json")).stdout,
    ).data;
    assert.ok(Math.abs(Date.now() - 30 * 86_400_000 - Date.parse(before)) < 60_000);
    assert.deepEqual(rest, {
      dry_run: false,
      runs: 1,
      rows: 1,
      files: 0,
      orphans: 0,
      bytes: 0,
      kept_runs: 0,
      kept_failed_rows: 0,
      trimmed_rows: 0,
      undo_rows: 0,
      files_left: [],
    });
    assert.match(
      (await say(shop, "prune --older-than 30d")).stdout,
      /^Nothing was deleted from before .*\.\n$/,
    );
    await assert.rejects(Deno.stat(orphan), Deno.errors.NotFound);
    await Deno.stat(others);
  } finally {
    Deno.env.delete("INGEST_HOME");
  }
});

Deno.test("a stored file that can't be deleted is reported, and the exit code says so", async () => {
  await using shop = await workshop(PEOPLE);
  await using home = await temporaryFolder();
  const stubborn = `${home.path}/${crypto.randomUUID()}`;
  await Deno.mkdir(`${stubborn}/inside`, { recursive: true });
  await loaded(shop, 1, 0);
  await shop.session.execute("update ingest.runs set processed_filepath = $1", [stubborn]);
  const ended = await say(shop, "delete 1");
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^ingest: Cannot delete the stored file .*\. Delete it yourself\.\n$/);
  assert.equal(ended.stdout, "Deleted run 1: 1 logged row.\n");
});

Deno.test("prune's output fits a narrow terminal", () => {
  const pruned = {
    before: new Date(2026, 10, 23, 18, 4, 11),
    runs: 12,
    rows: 34_567,
    keptRuns: 2,
    keptFailedRows: 15,
    trimmedRows: 4000,
    undoRows: 1,
    files: 3,
    orphans: 2,
    bytes: 12_345_678,
    left: [],
  };
  assert.deepEqual(prunedLines(pruned, false, 40), [
    "Deleted from before 2026-11-23 18:04:11:",
    "12 runs with 34,567 logged rows, 4,000",
    "logged rows of runs that are kept, 3",
    "files of these runs, 2 files without a",
    "run, the old values of 1 updated row, as",
    "their time is over (options.undo_for);",
    "the files took up 12.3 MB.",
    "Kept 2 runs with 15 failed rows that can",
    "still be retried. --force deletes them,",
    "too.",
  ]);
});

Deno.test("ages and sizes", () => {
  assert.deepEqual(
    ["0s", "90s", "5m", "5min", "12h", "30d", "8w", "1y"].map(parseAge),
    [0, 90e3, 300e3, 300e3, 432e5, 2592e6, 48384e5, 31536e6],
  );
  assert.deepEqual(
    [0, 1, 999, 1000, 999_949, 999_951, 12_345_678, 5e12, 5e15].map(formatBytes),
    [
      "0 bytes",
      "1 byte",
      "999 bytes",
      "1.0 kB",
      "999.9 kB",
      "1.0 MB",
      "12.3 MB",
      "5.0 TB",
      "5000.0 TB",
    ],
  );
});

/** An old stored file that belongs to no run. */
async function storedFile(home: string, installation: string): Promise<string> {
  const folder = `${home}/spool/${installation}`;
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/${crypto.randomUUID()}.csv`;
  await Deno.writeTextFile(path, "id\n1\n");
  await Deno.utime(path, 0, 0);
  return path;
}
