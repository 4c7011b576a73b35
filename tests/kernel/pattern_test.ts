/** Regular expressions in the kernel: it does what the platform's do, or asks. */
import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ColumnRule } from "../../src/importer/definition.ts";
import { compileFind } from "../../src/pattern/automaton.ts";
import { compileConditions } from "../../src/pattern/conditions.ts";
import { Encoder } from "../../src/kernel/encoder.ts";
import { mayBeEmpty } from "../../src/pattern/syntax.ts";
import { expression, PATTERN_RUNS, patternAndTexts } from "../pattern/generated.ts";
import { textValues } from "../row/binary_rows.ts";
import { column, compile, goodRows, quoted, rule } from "../row/rows.ts";
import { bytesOf, COMMA, csvRecords } from "../source/records.ts";

const AT = { offset: 0, line: 1, row: 1 };

/** What becomes of each text, undefined if it fails; and how many the kernel has asked for. */
function encode(how: Partial<ColumnRule>, texts: readonly string[]) {
  const pipeline = compile(
    { columns: { v: rule({ from: ["a"], trim: false, ...how }) }, null_values: [] },
    ["a"],
    [column("v")],
  );
  const [program] = pipeline.programs;
  let asked = 0;
  const counting = {
    ...program,
    write(...args: Parameters<typeof program.write>) {
      asked++;
      program.write(...args);
    },
  };
  const encoder = new Encoder({ ...pipeline, programs: [counting] }, csvRecords(COMMA, 1));
  const bytes = bytesOf(texts.map((text) => `${quoted(text)}\n`).join(""));
  encoder.input(bytes.length, texts.length).set(bytes);
  const encoded = encoder.encodePiece(AT);
  const became: (string | null | undefined)[] = texts.map(() => undefined);
  for (const [index, row] of goodRows(encoded).entries()) {
    became[encoded.goodRecords[index]] = textValues(row)[0];
  }
  return { became, asked };
}

/**
 * Postgres knows no NUL, so rows that have one fail whatever the pattern. And the platform's own finds
 * empty matches, such as that of `\B`, inside a pair of surrogates.
 */
function possible(source: string, texts: readonly string[]): readonly string[] {
  const others = mayBeEmpty(source) ? /[\0\ud800-\udfff]/ : /\0/;
  return texts.filter((text) => !others.test(text));
}

Deno.test("the kernel takes the texts in which the platform's expression finds a match", () => {
  let matching = 0;
  let asked = 0;
  fc.assert(
    fc.property(patternAndTexts, ({ source, texts }) => {
      const native = expression(source, "u");
      if (native === null || compileConditions(source) === null) return;
      const known = possible(source, texts);
      const expected = known.map((text) => native.test(text) ? text : undefined);
      const result = encode({ pattern: source }, known);
      deepEqual(result.became, expected, `/${source}/u`);
      const failing = expected.filter((text) => text === undefined).length;
      matching += expected.length - failing;
      asked += result.asked - failing;
    }),
    PATTERN_RUNS,
  );
  ok(matching > 3 * PATTERN_RUNS.numRuns, `only ${matching} texts match`);
  ok(asked < matching / 5, `asked for ${asked} of ${matching}`);
});

Deno.test("the kernel replaces what the platform's expression replaces", () => {
  let all = 0;
  let asked = 0;
  fc.assert(
    fc.property(
      patternAndTexts,
      fc.constantFrom("", "-", "äöü", "$$a", "😀"),
      ({ source, texts }, by) => {
        const native = expression(source, "gu");
        if (native === null || compileFind(source) === null) return;
        const known = possible(source, texts);
        const expected = known.map((text) => text.replace(native, by));
        const result = encode({ transform: [{ op: "replace", pattern: source, with: by }] }, known);
        deepEqual(result.became, expected, `/${source}/gu by ${by}`);
        all += known.length;
        asked += result.asked;
      },
    ),
    PATTERN_RUNS,
  );
  ok(asked < all / 2, `asked for ${asked} of ${all}`);
});

Deno.test("the kernel keeps ASCII's digits, like \\D does", () => {
  const texts = ["+49 (30) 1-2", "", "abc", "٣4", "12", "ä1ß"];
  const { became, asked } = encode({ transform: [{ op: "digits" }] }, texts);
  deepEqual(became, ["493012", "", "", "4", "12", "1"]);
  equal(asked, 0);
});

Deno.test("a pattern is compared with what the steps make of a value, before its type", () => {
  const phone = {
    transform: [{ op: "replace", pattern: "[^0-9+]", with: "" }] as const,
    pattern: "^\\+[0-9]{6,15}$",
  };
  const texts = ["+49 171/1234567", "0171 1234567", "+49 (171) ä", "+491711234567"];
  const { became, asked } = encode(phone, texts);
  deepEqual(became, ["+491711234567", undefined, undefined, "+491711234567"]);
  // For those that fail.
  equal(asked, 2);
  deepEqual(encode({ type: "integer", pattern: "^\\d{2}$" }, ["12", "1", "123"]).became, [
    "12",
    undefined,
    undefined,
  ]);
});

Deno.test("a text on which a backtracking pattern takes years is one for the kernel", () => {
  const many = "a".repeat(40);
  const texts = [many, `${many}b`, "a".repeat(60_000)];
  const { became, asked } = encode({ pattern: "^(a+)+$" }, texts);
  deepEqual(became, [texts[0], undefined, texts[2]]);
  equal(asked, 1);
});

Deno.test("the kernel asks where each place may begin a long match that fails", () => {
  const texts = ["a".repeat(1_000), `${"a".repeat(30)}b`];
  const how = { transform: [{ op: "replace", pattern: "a+b", with: "" }] as const };
  const { became, asked } = encode(how, texts);
  deepEqual(became, [texts[0], ""]);
  equal(asked, 1);
});
