/** Hooks see the children of a row as plain values, before they are checked. */
import assert from "node:assert/strict";
import { DefinitionError } from "../../src/importer/definition_errors.ts";
import { hooking } from "./hooking.ts";
import { definition, item, items, ORDERS, row, runAsTried } from "./hooking_children.ts";

Deno.test("beforeRow changes, drops and adds children; what it leaves alone keeps its digits", async () => {
  await using hooks = await hooking(ORDERS, "data.ndjson");
  await hooks.write(
    definition(),
    `export default () => ({
      beforeRow(row, { number }) {
        // The file has no such column.
        row.labels = row.labels?.filter(() => true);
        if (number === 4) { delete row.items; return; }
        if (number === 3) return { ...row, items: [] };
        if (row.items === undefined || number === 5) return;
        row.items = row.items.filter(({ article }) => article.sku !== "gone");
        row.items[0].name = "first";
        row.items.push({ article: { sku: "gift" }, price: 0.5 });
      },
      columns: { name: (value) => value + "!" },
    })`,
  );
  const long = "12345678901234567890.123";
  const file = [
    row(1, [item("a"), item("gone"), item("b", 2)]).replace('"price":2', `"price":${long}`),
    row(2, [item("c", 3)]),
    row(3, [item("d")]),
    row(4, [item("e")]),
    row(5, [item("f")]).replace('"price":1', `"price":${long}`),
  ].join("\n");
  const run = await runAsTried(hooks, file);
  assert.equal(run.status, "completed", (await hooks.failures(run)).join("\n"));
  assert.deepEqual(await items(hooks), [
    "1 a FIRST 1",
    `1 b X ${long}`,
    "1 gift 0.5",
    "2 c FIRST 3",
    "2 gift 0.5",
    `5 f X ${long}`,
  ]);
  // Functions are for the columns of the table: a child's column of the same name is none of them.
  assert.deepEqual(await hooks.query("select distinct name from orders"), [{ name: "Ann!" }]);
});

Deno.test("what hooks make of children that can't be right fails the row, and says where it is", async () => {
  await using hooks = await hooking(ORDERS, "data.ndjson");
  const given = [
    "5",
    '"none"',
    "{ article: {} }",
    "[1]",
    "[null]",
    "[[]]",
    "[{ name: 'no sku' }]",
    "[{ article: { sku: 'a' }, price: -1 }, { article: { sku: 'b' }, price: 'cheap' }]",
    "[{ article: { sku: 'a' }, price: NaN }]",
    "[{ article: { sku: 'a' } }, undefined]",
    "[{ article: { sku: new Set() } }]",
    "[{ article: { sku: () => 1 } }]",
    "[{ article: { sku: 'half \\ud800' } }]",
    "[Promise.resolve({})]",
    "new Map()",
    "circle",
    "[{ article: { get sku() { throw new Error('no'); } } }]",
    "[{ article: { sku: 'x\\0' } }]",
    "[{ article: { sku: 10n }, name: new Date(0), price: 1e21, more: undefined }]",
  ];
  await hooks.write(
    definition(),
    `const circle = [];
    circle.push({ article: circle });
    const given = [${given.map((value) => `() => (${value})`).join(", ")}];
    export default () => ({ beforeRow(row, { number }) { row.items = given[number - 1](); } })`,
  );
  const file = given.map((_, index) => row(index + 1, [item("a")])).join("\n");
  const run = await runAsTried(hooks, file);
  const expected = "text, a number, true, false, a date or null.";
  const gave = (at: string, what: string) =>
    `hook items beforeRow, for items${at}, gave ${what}; expected ${expected}`;
  const list = "type items The items field must be a list of objects.";
  assert.deepEqual(await hooks.failures(run), [
    `1 ${list}`,
    `2 ${list}`,
    `3 ${list}`,
    "4 malformed items items 1: The row is a number where an object is expected.",
    "5 malformed items items 1: The row is null where an object is expected.",
    "6 malformed items items 1: The row is an array where an object is expected.",
    "7 required items.sku items 1: The sku field is required.",
    "8 min items.price items 1: The price field must be at least 0.",
    "8 type items.price items 2: The price field must be a number.",
    `9 ${gave(" 1.price", "NaN")}`,
    `10 ${gave(" 2", "nothing")}`,
    `11 ${gave(" 1.article.sku", "an object of class Set")}`,
    `12 ${gave(" 1.article.sku", "a function")}`,
    `13 ${gave(" 1.article.sku", "a text with half of a character")}`,
    `14 ${gave(" 1", "a promise")}`,
    `15 ${gave("", "an object of class Map")}`,
    `16 ${gave(" 1.article", "an object that contains itself")}`,
    `17 ${gave("", "an object that can't be read")}`,
    "18 encoding items items 1: The row holds \\u0000, which Postgres cannot store as text.",
  ]);
  assert.deepEqual(await items(hooks), ["19 10 1970-01-01T00:00:00.000Z 1000000000000000000000"]);
  // They are loaded once the hooks are mended.
  await hooks.write(definition(), "export default () => ({ beforeRow() {} })");
  const { run: retried } = await hooks.retry(run);
  assert.equal(retried.status, "completed");
  assert.equal((await items(hooks)).length, given.length);
});

Deno.test("two numbers that JavaScript takes for one fail a row whose list a hook changes, and no other", async () => {
  await using hooks = await hooking(ORDERS, "data.ndjson");
  await hooks.write(
    definition(),
    "export default () => ({ beforeRow(row) { if (row.number < 3) row.items[0].name = 'new'; } })",
  );
  const two = (number: number, ...prices: string[]) =>
    `{"number":${number},"items":[${
      prices.map((price, index) => `{"article":{"sku":"${"ab"[index]}"},"price":${price}}`)
    }]}`;
  const run = await runAsTried(
    hooks,
    [
      two(1, "12345678901234567890", "12345678901234567891"),
      two(2, "1.50", "15e-1"),
      two(3, "12345678901234567890", "12345678901234567891"),
    ].join("\n"),
  );
  assert.deepEqual(await hooks.failures(run), [
    "1 hook items beforeRow, for items 1.price, gave a number that may be 12345678901234567890 or " +
    "12345678901234567891, which JavaScript takes for one; expected text, a number, true, false, a " +
    "date or null.",
  ]);
  assert.deepEqual(await items(hooks), [
    "2 a NEW 1.50",
    "2 b 1.50",
    "3 a 12345678901234567890",
    "3 b 12345678901234567891",
  ]);
});

Deno.test("a schema checks and changes children, and can't leave out what is loaded of them", async () => {
  await using hooks = await hooking(ORDERS, "data.ndjson");
  await hooks.write(
    definition(),
    `export default ({ z }) => ({
      schema: z.object({
        items: z.array(z.object({
          article: z.looseObject({ sku: z.string().trim().min(2, "is too short") }),
          price: z.number(),
        })),
      }),
    })`,
  );
  const run = await runAsTried(
    hooks,
    [
      row(1, [{ article: { sku: " aa ", stray: 1 }, price: 1, stray: 2 }]),
      row(2, [item("bb")]),
      row(3, [item("dd"), { article: { sku: " e" }, price: 2 }]),
    ].join("\n"),
  );
  assert.deepEqual(await hooks.failures(run), [
    "2 hook items schema leaves out name of items, which is loaded: name it there, or take " +
    "z.looseObject. Entries are dropped in beforeRow.",
    "3 hook items items 2.article.sku: is too short",
  ]);
  assert.deepEqual(await items(hooks), ["1 aa 1"]);
});

Deno.test("a function for a column that only children have is refused, and says where to change it", async () => {
  await using hooks = await hooking(ORDERS, "data.ndjson");
  await hooks.write(definition(), "export default () => ({ columns: { price: () => 1 } })");
  await assert.rejects(hooks.create(row(1, [item("a")])), (error) => {
    assert.ok(error instanceof DefinitionError, String(error));
    assert.match(
      error.message,
      /hooks: t\.hooks\.js has a function for the column price, which is one of items: change it in beforeRow, in items$/,
    );
    return true;
  });
});
