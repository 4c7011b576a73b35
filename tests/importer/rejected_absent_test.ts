/** What `on_absent` can't be combined with. */
import assert from "node:assert/strict";
import { parseDefinition } from "../../src/importer/parse.ts";

const GOOD = "table: t\nkey: id\non_duplicate: update\noptions: {transaction: run}\n";

function problems(text: string): readonly string[] {
  const parsed = parseDefinition(text, "t.yaml");
  return "problems" in parsed ? parsed.problems.map(({ message }) => message) : [];
}

const CASES: readonly (readonly [title: string, text: string, message: RegExp])[] = [
  ["no key", "table: t\non_absent: delete\noptions: {transaction: run}\n", /needs a key/u],
  ["batches", "table: t\nkey: id\non_absent: delete\n", /needs options: \{transaction: run\}/u],
  [
    "atomic batches",
    "table: t\nkey: id\non_absent: delete\noptions: {transaction: atomic}\n",
    /needs options: \{transaction: run\}/u,
  ],
  [
    "rows that are there fail",
    GOOD.replace("update", "fail") + "on_absent: delete\n",
    /can't be combined with on_duplicate: fail/u,
  ],
  [
    "nothing is ever added",
    GOOD + "on_absent: delete\non_missing: skip\n",
    /the table could only lose rows/u,
  ],
  [
    "rows that the source leaves out",
    GOOD + "on_absent: delete\nsource: {when: {column: A, equals: b}}\n",
    /can't be combined with source\.when/u,
  ],
  ["a word that doesn't exist", GOOD + "on_absent: remove\n", /expected keep, delete or \{mark/u],
  ["half a mark", GOOD + "on_absent: {mark: {column: gone}}\n", /mark\.value/u],
  ["a mark in the key", GOOD + "on_absent: {mark: {column: id, value: 1}}\n", /is in the key/u],
  [
    "absent_despite_failures where a failed row fails the run",
    GOOD.replace("run}", "run, absent_despite_failures: true}") + "on_absent: delete\n",
    /absent_despite_failures: .*failed > 2%.*set aside/u,
  ],
  [
    "absent_despite_failures without on_absent",
    GOOD.replace("run}", "run, hold_if: failed > 1, absent_despite_failures: true}"),
    /absent_despite_failures: .*on_absent: delete/u,
  ],
  [
    "a condition on absent rows without on_absent",
    GOOD.replace("run}", "run, hold_if: absent > 1}"),
    /hold_if: .*on_absent: delete/u,
  ],
  ["a scope without on_absent", GOOD + "scope: {a: 1}\n", /on_absent: delete or \{mark/u],
  ["an empty scope", GOOD + "on_absent: delete\nscope: {}\n", /without `scope`, all rows/u],
  ["SQL as a scope", GOOD + "on_absent: delete\nscope: a = 1\n", /a mapping from columns/u],
  [
    "a ceiling above all rows",
    GOOD.replace("run}", "run, max_absent: 101%}") + "on_absent: delete\n",
    /max_absent/u,
  ],
  [
    "a ceiling alone",
    GOOD.replace("run}", "run, max_absent: 1%}"),
    /max_absent: .*on_absent: delete/u,
  ],
];

for (const [title, text, message] of CASES) {
  Deno.test(`on_absent is refused with ${title}`, () => {
    const found = problems(text);
    assert.ok(found.some((each) => message.test(each)), JSON.stringify(found));
  });
}

Deno.test("values of scope and of a mark are taken as they are written", () => {
  const parsed = parseDefinition(
    GOOD + "on_absent: {mark: {column: gone, value: 007}}\nscope: {a: [1.0, null], b: yes}\n",
    "t.yaml",
  );
  assert.ok("definition" in parsed);
  assert.deepEqual(parsed.definition.on_absent, {
    do: "mark",
    mark: { column: "gone", value: "007" },
    scope: { a: ["1.0", null], b: ["yes"] },
    most: { percent: 5 },
  });
});
