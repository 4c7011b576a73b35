/** The kernel's steps on text do what the text path's do, for each character, and do most of it. */
import { deepEqual, ok } from "node:assert/strict";
import type { ColumnRule, Transform } from "../../src/importer/definition.ts";
import { Encoder } from "../../src/kernel/encoder.ts";
import type { RowPipeline } from "../../src/row/pipeline.ts";
import { column, compile, quoted, rule } from "../row/rows.ts";
import { bytesOf, COMMA, csvRecords } from "../source/records.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The rows that the encoder makes, and how many values it asked the program for. */
function encode(pipeline: RowPipeline, lines: readonly string[]) {
  let asked = 0;
  const programs = pipeline.programs.map((program) => ({
    ...program,
    write(...args: Parameters<typeof program.write>) {
      asked++;
      program.write(...args);
    },
  }));
  const encoder = new Encoder({ ...pipeline, programs }, csvRecords(COMMA, 2));
  const bytes = bytesOf(lines.map((line) => `${line}\n`).join(""));
  encoder.input(bytes.length, lines.length).set(bytes);
  const { copyRows, bad } = encoder.encodePiece({ offset: 0, line: 1, row: 1 });
  deepEqual([...bad], []);
  return { rows: decoder.decode(copyRows).split("\n"), asked };
}

/** A batch so small has little room for rows, which the text path makes larger. */
const FEW = 3;

/** Compares both paths. Returns how many of the values the kernel left to the text path. */
function compare(
  how: Partial<ColumnRule>,
  lines: readonly string[],
  nullValues: readonly string[] = [""],
): number {
  const pipeline = compile(
    { columns: { v: rule({ from: ["a"], ...how }) }, null_values: nullValues },
    ["a", "b"],
    [column("v")],
  );
  const byText = pipeline.programs.map((program) => ({ ...program, bytes: null }));
  const { rows, asked } = encode(pipeline, lines);
  deepEqual(rows, encode({ ...pipeline, programs: byText }, lines).rows);
  return asked;
}

/** Each character of the first plane, and some beyond it. */
const CHARACTERS = Array.from({ length: 0x1_0000 }, (_, code) => code)
  .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
  .concat(0x10400, 0x1f600, 0x1e943)
  .map((code) => String.fromCodePoint(code));

/** Syllables of Hangul become several letters. */
const SYLLABLES = 11_172;

for (const op of ["trim", "squish", "lower", "upper", "title", "slug"] as const) {
  Deno.test(`\`${op}\` is the same for every character, wherever it stands`, () => {
    const lines = CHARACTERS.flatMap((character) => [
      quoted(character) + ",",
      quoted(`${character}Ab ${character}cD${character}`) + ",",
      quoted(`it${character}S `) + ",",
    ]);
    const asked = compare({ transform: [{ op }], trim: false }, lines);
    ok(
      asked < (op === "slug" ? 3 * SYLLABLES + 4000 : 1500),
      `the text path was asked ${asked} times`,
    );
  });
}

Deno.test("trimming is the same for every character", () => {
  const lines = CHARACTERS.flatMap((character) => [
    quoted(`${character} a`) + ",",
    quoted(`a ${character}`) + ",",
    quoted(` ${character}${character} `) + ",",
  ]);
  ok(compare({ trim: true }, lines) < 10);
});

Deno.test("texts of all lengths, with what matters at each place, come out the same", () => {
  const pieces = ["A", "ä", "  ", "\u00a0", '"', "Σ", "İ", "ǆ", "ﬁ", "’", "\t", "\\"];
  const lines = Array.from({ length: 70 }, (_, length) => length).flatMap((length) =>
    pieces.flatMap((piece) =>
      [0, 1, 15, 16, 17, 31, length].filter((at) => at <= length).map((at) => {
        const text = "xY z".repeat(20).slice(0, length);
        return quoted(text.slice(0, at) + piece + text.slice(at)) + ",";
      })
    )
  );
  for (const op of ["squish", "lower", "upper", "title", "slug"] as const) {
    compare({ transform: [{ op }] }, lines);
  }
  compare({}, lines);
  ok(compare({ max_length: 60 }, lines.filter((line) => line.length < 60)) < 10);
});

const STEPS: Readonly<Record<string, readonly Transform[]>> = {
  "a prefix": [{ op: "prefix", text: "é-" }],
  "a suffix": [{ op: "suffix", text: "\t\\" }],
  "a part": [{ op: "split", by: ";", index: 1 }],
  "a part, by more than one character": [{ op: "split", by: "aa", index: 1 }],
  "the last part": [{ op: "split", by: ";", index: -1 }],
  "the last but two": [{ op: "split", by: ";", index: -3 }],
  "a default": [{ op: "default", value: "–" }],
  "a default for an empty part": [
    { op: "split", by: ";", index: 0 },
    { op: "default", value: "none" },
    { op: "title" },
  ],
};

for (const [what, transform] of Object.entries(STEPS)) {
  Deno.test(`${what} is the same, and the kernel makes it`, () => {
    const lines = [
      "",
      "a",
      ";",
      "a;b",
      ";b",
      "a;;b",
      "aaa",
      "aaaa",
      "a;b;c;d",
      "ß;ü",
      " ; ",
      "NULL",
    ]
      .flatMap((text) => [`${quoted(text)},`, `${text},`, `  ${text}  ,`]);
    for (const nullValues of [[""], [], ["", "NULL"], ["NULL"]]) {
      ok(compare({ transform }, lines, nullValues) <= FEW);
      ok(compare({ transform, trim: false }, lines, nullValues) <= FEW);
    }
  });
}

Deno.test("fields are joined the same, and the kernel joins them", () => {
  const parts = ["", "a", " b ", '"c""d"', '" "', "é", "NULL"];
  const lines = parts.flatMap((first) => parts.map((second) => `${first},${second}`));
  for (const concat of ["", "-", ", ", "é"]) {
    for (const nullValues of [[""], [], ["", "NULL"]]) {
      for (const transform of [[], [{ op: "squish" }, { op: "title" }]] as const) {
        ok(compare({ from: ["a", "b"], concat, transform }, lines, nullValues) <= FEW);
        ok(compare({ from: ["b", "a", "b"], concat, transform }, lines, nullValues) <= FEW);
      }
    }
  }
});

Deno.test("values that need more room than there is are the text path's", () => {
  const long = "Ab ".repeat(40_000);
  const lines = [`${long},`, "Ab,", `${quoted(long + '"')},`];
  ok(compare({ transform: [{ op: "lower" }] }, lines) === 2);
  ok(compare({ transform: [{ op: "prefix", text: "x".repeat(1000) }] }, lines) > 0);
});

Deno.test("a field that many columns take has room in all of them", () => {
  const names = Array.from({ length: 30 }, (_, number) => `c${number}`);
  const pipeline = compile(
    { columns: Object.fromEntries(names.map((name) => [name, rule({ from: ["a"] })])) },
    ["a", "b"],
    names.map((name) => column(name)),
  );
  const long = "\\".repeat(50_000);
  const { rows } = encode(pipeline, [`${long},`, `${long},`]);
  deepEqual(rows, [...Array(2).fill(names.map(() => long + long).join("\t")), ""]);
});
