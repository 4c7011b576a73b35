/** Columns whose names Postgres has cut, and files and definitions that have the whole names. */
import assert from "node:assert/strict";
import type { Run } from "../../src/ledger/runs/runs.ts";
import { type Workshop, workshop } from "./importing.ts";

const AGE = "How old were you on the day on which you first visited one of our shops";
const NAME = "Wie möchten Sie von unseren freundlichen Mitarbeiterinnen angesprochen werden?";
const EURO = `${"x".repeat(61)}€uro`;

async function run(shop: Workshop, definition: string, file: string): Promise<Run> {
  return await shop.drive(await shop.create(definition, file));
}

async function rows(shop: Workshop): Promise<readonly string[]> {
  const found = await shop.session.query<{ row: string }>(
    "select t::text as row from t order by 1",
  );
  return found.map(({ row }) => row);
}

Deno.test("a file's long names match the columns whose names Postgres has cut", async () => {
  await using shop = await workshop(
    `set client_min_messages = error; create table t ("${AGE}" int, "${NAME}" text, "${EURO}" int, c int)`,
  );
  const file = (names: readonly string[]) =>
    `${names.map((name) => `"${name}"`).join()}\n1,a,2,3\n`;
  const ways = {
    whole: [AGE, NAME, EURO],
    "in another case, with _": [AGE.toLowerCase().replaceAll(" ", "_"), NAME.toUpperCase(), EURO],
    cut: [AGE.slice(0, 63), NAME.slice(0, 62), EURO.slice(0, 61)],
  };
  for (const [way, names] of Object.entries(ways)) {
    const { warnings, status } = await run(shop, "table: t\n", file([...names, "c"]));
    assert.deepEqual([status, warnings], ["completed", []], way);
    assert.deepEqual(await rows(shop), ["(1,a,2,3)"], way);
    await shop.session.query("truncate t");
  }
});

Deno.test("a column that Postgres would not have cut there does not match", async () => {
  const short = AGE.slice(0, 61);
  await using shop = await workshop(`create table t ("${short}" int, c int)`);
  const { warnings } = await run(shop, "table: t\n", `${AGE},c\n1,2\n`);
  assert.deepEqual(warnings, [`The table t has no column for: ${AGE}. It is not imported.`]);
});

Deno.test("two names that Postgres cuts to the same one are not used, and the run says so", async () => {
  const [first, second] = [`${AGE} (years)`, `${AGE} (months)`];
  await using shop = await workshop(
    `set client_min_messages = error; create table t ("${AGE}" int, c int)`,
  );
  const { warnings } = await run(shop, "table: t\n", `${first},${second},c\n1,2,3\n`);
  assert.deepEqual(warnings, [
    `File columns "${first}" and "${second}" are not used: Postgres cuts their names to the same ` +
    `${AGE.slice(0, 63)}. A definition can say which one fills it.`,
  ]);
  assert.deepEqual(await rows(shop), ["(,3)"]);
  const chosen = `table: t\ncolumns: { "${AGE}": "${second}", c: c }\n`;
  assert.deepEqual((await run(shop, chosen, `${first},${second},c\n1,2,4\n`)).warnings, []);
  assert.deepEqual(await rows(shop), ["(,3)", "(2,4)"]);
});

Deno.test("a definition may use the whole name, or the cut one, for all that names a column", async () => {
  for (const target of [AGE, AGE.slice(0, 63)]) {
    for (const from of [AGE, AGE.slice(0, 63), target]) {
      for (const key of [AGE, AGE.slice(0, 63)]) {
        if (key !== target && key !== from) continue;
        await using shop = await workshop(
          `set client_min_messages = error; create table t ("${AGE}" int primary key, c int);
           insert into t values (1, 1)`,
        );
        const definition = `table: t\nkey: ["${key}"]\non_duplicate: update_if_newer\n` +
          `compare: { source: c, target: c }\ncolumns: { "${target}": "${from}", c: c }\n`;
        const { summary, warnings } = await run(shop, definition, `${AGE},c\n1,2\n2,2\n`);
        assert.deepEqual([summary?.updated, summary?.created, warnings], [1, 1, []]);
      }
    }
  }
  await using shop = await workshop(
    `set client_min_messages = error; create table t (c int primary key, "${AGE}" int);
     insert into t values (1, 1)`,
  );
  const unmapped = `table: t\nkey: c\non_duplicate: update_if_newer\n` +
    `compare: { source: "${AGE}", target: "${AGE}" }\n`;
  assert.equal((await run(shop, unmapped, `c,${AGE}\n1,2\n`)).summary?.updated, 1);
});

Deno.test("a long key that is matched by name is found", async () => {
  await using shop = await workshop(
    `set client_min_messages = error; create table t ("${AGE}" int primary key, c int);
     insert into t values (1, 1)`,
  );
  for (const key of [AGE, AGE.slice(0, 63)]) {
    const { summary } = await run(
      shop,
      `table: t\nkey: "${key}"\non_duplicate: update\n`,
      `${AGE},c\n1,${key.length}\n`,
    );
    assert.equal(summary?.updated, 1);
  }
});
