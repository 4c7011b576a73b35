/** What hooks may give, the statements of afterBatch, and the files that belong to hooks. */
import assert from "node:assert/strict";
import { messageOf, toCell, toValue } from "../../src/hooks/cells.ts";
import { checksumOf, foreignImport } from "../../src/hooks/files.ts";
import { writeJson } from "../../src/hooks/json_values.ts";
import { leftOut } from "../../src/hooks/left_out.ts";
import { isOneStatement } from "../../src/hooks/one_statement.ts";
import { sqlTag } from "../../src/hooks/sql_tag.ts";

Deno.test("numbers are written without exponents, whatever their size", () => {
  const texts = [0, -0, 1.5, -2.25, 1e21, -1.5e22, 1e-7, -1.25e-9, 123456789012].map((value) =>
    toCell(value, false)
  );
  const expected = ["0", "0", "1.5", "-2.25", "1000000000000000000000", "-15000000000000000000000"];
  const small = ["0.0000001", "-0.00000000125", "123456789012"];
  assert.deepEqual(texts, [...expected, ...small].map((j) => ({ j })));
});

Deno.test("what is no value is named", () => {
  const wrong: readonly (readonly [unknown, string])[] = [
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [undefined, "nothing"],
    [{}, "an object"],
    [[], "a list"],
    [() => 1, "a function"],
    [Symbol("x"), "a symbol"],
    [Promise.resolve(1), "a promise"],
    [new Date(NaN), "an invalid date"],
    ["a\ud800", "a text with half of a character"],
  ];
  for (const [value, error] of wrong) assert.deepEqual(toCell(value, false), { error });
  assert.deepEqual(toCell({ a: [1] }, true), { j: '{"a":[1]}' });
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.deepEqual(toCell(circle, true), { error: "an object that contains itself", at: ".self" });
  const twice = { a: 1 };
  assert.deepEqual(toCell([twice, twice], true), { j: '[{"a":1},{"a":1}]' });
  const deep: unknown[] = [];
  for (let depth = 0, inner = deep; depth < 100_000; depth++) inner.push(inner = []);
  assert.deepEqual(toCell(deep, true), { error: "an object with too many others in it" });
  assert.deepEqual(toCell(10n, false), { j: "10" });
  assert.deepEqual(toCell(new Date(0), false), "1970-01-01T00:00:00.000Z");
  assert.deepEqual(toValue({ j: '{"a":null}' }), { a: null });
});

Deno.test("what a hook throws is one line, whatever it is", () => {
  assert.equal(messageOf(new Error("a\n  b"), "beforeRow"), "a b");
  assert.equal(messageOf("text", "beforeRow"), "text");
  assert.equal(messageOf(undefined, "x").length > 0, true);
  assert.equal(
    messageOf(new Error(""), "beforeRow"),
    "beforeRow threw an error without a message.",
  );
  assert.equal(messageOf({}, "beforeRow"), "beforeRow threw an error without a message.");
  const nasty = {
    toString: () => {
      throw new Error("no");
    },
  };
  assert.equal(messageOf(nasty, "beforeRow"), "beforeRow threw an error without a message.");
  assert.equal(messageOf("x".repeat(5000), "beforeRow").length, 1001);
});

Deno.test("a statement ends where Postgres says so", () => {
  const one = [
    "select 1",
    "select 1;",
    "select ';', \";\", E'\\';', $$;$$, $a$ ; $$ ; $a$ -- ; x",
    "select 1 /* ; /* ; */ ; */ ; -- the end",
    "select 'it''s; fine'",
  ];
  const several = [
    "select 1; commit",
    "select ';'; rollback",
    "select 1;;select 2",
    "select $a$x$a$; commit",
  ];
  for (const text of one) assert.equal(isOneStatement(text), true, text);
  for (const text of several) assert.equal(isOneStatement(text), false, text);
});

Deno.test("sql takes templates and texts, and refuses what would outlive the batch", async () => {
  const asked: unknown[] = [];
  const sql = sqlTag((text, parameters) => {
    asked.push([text, parameters]);
    return Promise.resolve([]);
  });
  const id = 5;
  await sql`select ${id}, ${[1, 2]}, ${new Date(0)}`;
  await sql("/* a */ (select $1)", [null]);
  assert.deepEqual(asked, [
    ["select $1, $2, $3", ["5", ["1", "2"], "1970-01-01T00:00:00.000Z"]],
    ["/* a */ (select $1)", [null]],
  ]);
  for (const text of ["commit", "set role x", "begin", "", "-- x", "drop table t", "do $$ $$"]) {
    await assert.rejects(sql(text), /sql can't execute/, text);
  }
  await assert.rejects(sql`select ${{}}`, /a parameter is an object/);
  await assert.rejects(sql`select ${undefined}`, /a parameter is undefined/);
  await assert.rejects(sql("select 1", 5), /expected a list/);
  await assert.rejects(sql(5), /expected a statement/);
});

Deno.test("the checksum is that of the file and of all that it imports", async () => {
  const folder = await Deno.makeTempDir({ prefix: "ingest-hooks-" });
  try {
    const write = (name: string, text: string) => Deno.writeTextFile(`${folder}/${name}`, text);
    await write(
      "a.js",
      'import "./b.js";\nexport * from "./c.js";\n// import "./d.js"\nexport default 1;',
    );
    await write("b.js", 'import x from\n  "./sub/../a.js";');
    await write("c.js", 'const d = await import("./e.js");');
    await write("d.js", "1");
    await write("e.js", "1");
    const sums = new Set([await checksumOf(`${folder}/a.js`)]);
    for (const name of ["b.js", "c.js", "e.js"]) {
      await write(name, `${await Deno.readTextFile(`${folder}/${name}`)}\n`);
      sums.add(await checksumOf(`${folder}/a.js`));
    }
    assert.equal(sums.size, 4);
    await write("d.js", "2");
    assert.ok(sums.has(await checksumOf(`${folder}/a.js`)));
    assert.equal(await foreignImport(`${folder}/a.js`), null);
    await write("e.js", 'import z from "zod";');
    assert.equal(await foreignImport(`${folder}/a.js`), "zod");
    await write("e.js", 'import fs from "node:fs";');
    assert.equal(await foreignImport(`${folder}/a.js`), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("numbers of a list keep the digits that they had, wherever they are put", () => {
  const before = '{"a":[{"n":12345678901234567890},{"n":1.0},{"n":1.50},{"n":15e-1},{"n":-0}]}';
  const { a: [long, one, ...others] } = JSON.parse(before);
  assert.deepEqual(writeJson([others, { ...long, x: 2 }, one.n, one.n + 1], before), {
    j: '[[{"n":1.50},{"n":1.50},{"n":-0}],{"n":12345678901234567890,"x":2},1.0,2]',
  });
  const both = "[12345678901234567890, 12345678901234567891, 0]";
  assert.deepEqual(writeJson([12345678901234567890], both), {
    error:
      "a number that may be 12345678901234567890 or 12345678901234567891, which JavaScript takes for one",
    at: " 1",
  });
  assert.deepEqual(writeJson([0, 5], both), { j: "[0,5]" });
  assert.deepEqual(writeJson([12345678901234567890]), { j: "[12345678901234567000]" });
});

Deno.test("a key that is read is missed if no object has it any more", () => {
  const reads = { sku: true, article: { name: true }, notes: true } as const;
  const cases: readonly (readonly [unknown, unknown, string | null])[] = [
    [[{ sku: 1, other: 2 }], [{ sku: 1 }], null],
    [[{ sku: 1 }, { sku: 2 }], [{ sku: 2 }], null],
    [[{ sku: 1 }], [{}], "sku"],
    [[{ sku: 1 }], null, "sku"],
    [[], [], null],
    ["text", [], null],
    [[{ article: { name: "a", id: 1 } }], [{ article: { name: "b" } }], null],
    [[{ article: { name: "a" } }], [{ article: {} }], "article.name"],
    [[{ notes: [{ by: { me: 1 } }] }], [{ notes: [{ by: {} }] }], "notes.by.me"],
  ];
  for (const [before, after, missing] of cases) {
    assert.equal(leftOut(before, after, reads), missing, JSON.stringify([before, after]));
  }
});
