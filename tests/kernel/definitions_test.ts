/**
 * Random definitions over random bytes: the kernel does what the text path does, and hashes keys as
 * it does. More cases with DEFINITIONS_RUNS=30000 (each has 20 to 40 rows of up to three columns),
 * others with DEFINITIONS_SEED=2.
 */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { Scanner } from "../../src/kernel/scanner.ts";
import { planKeys } from "../../src/keys/plan_keys.ts";
import { CopyWriter } from "../../src/row/copy_writer.ts";
import { DefinitionMismatch } from "../../src/row/mismatch.ts";
import type { RowPipeline } from "../../src/row/pipeline.ts";
import { compile, process, reader, table } from "../row/rows.ts";
import { COMMA, csvRecords } from "../source/records.ts";
import {
  CONDITIONS,
  DEFINITION,
  FILE,
  HEADER,
  type RandomDefinition,
} from "./random_definitions.ts";

const RUNS = Number(Deno.env.get("DEFINITIONS_RUNS") ?? 600);
const SEED = Number(Deno.env.get("DEFINITIONS_SEED") ?? 1);

/** Null if the definition doesn't fit its table. */
function compiled({ columns, null_values, unquoted_nulls }: RandomDefinition): RowPipeline | null {
  try {
    return compile(
      {
        columns: Object.fromEntries(columns.map(({ target, rule }) => [target.name, rule])),
        null_values,
        unquoted_nulls,
      },
      [...HEADER],
      columns.map(({ target }) => target),
    );
  } catch (error) {
    if (error instanceof DefinitionMismatch) return null;
    throw error;
  }
}

/** What a record has that can't be a row. */
const NO_KEY = { words: new Int32Array(2), present: new Uint8Array(1) };

/** Compares the keys' hashes of each record; the table's key is its first column. */
function assertSameHashes(pipeline: RowPipeline, bytes: Uint8Array<ArrayBuffer>): void {
  const { programs } = pipeline;
  const target = table(programs.map(({ column }) => column));
  const plan = planKeys(target, programs, [programs[0].target], [], new CopyWriter(64));
  if (plan.kind !== "hashed") return;
  const { hasher } = plan;
  const expected: (readonly number[])[] = [];
  const present: number[] = [];
  const records = reader(bytes, HEADER.length);
  while (records.next()) {
    const { words, present: [has] } = records.defect === null ? hasher.hash(records) : NO_KEY;
    present.push(has);
    expected.push(has === 0 ? [] : [...words]);
  }
  const keys = { keys: hasher.described, hash: hasher.hash.bind(hasher) };
  const limits = { rows: expected.length + 1, bytes: bytes.length + 1 };
  const scanner = new Scanner(csvRecords(COMMA, HEADER.length), keys, limits, bytes.length);
  scanner.window.set(bytes);
  ok(scanner.cut(0, bytes.length, true, 1) !== null || expected.length === 0);
  const { hashes } = scanner;
  deepEqual([...hashes.present], present);
  const words = expected.map((_, index) =>
    present[index] === 0 ? [] : [...hashes.words.subarray(2 * index, 2 * index + 2)]
  );
  deepEqual(words, expected);
}

Deno.test("the kernel does with random definitions what the text path does", () => {
  let values = 0;
  let byKernel = 0;
  fc.assert(
    fc.property(DEFINITION, FILE, (definition, bytes) => {
      const pipeline = compiled(definition);
      if (pipeline === null) return;
      const rows = process(pipeline, bytes, HEADER.length);
      values += rows.length * pipeline.programs.length;
      byKernel += rows.length * pipeline.programs.filter(({ bytes }) => bytes !== null).length;
      assertSameHashes(pipeline, bytes);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  ok(values > 15 * RUNS, `only ${values} values were tried`);
  ok(byKernel > values / 4, `the kernel has a rule for ${byKernel} of ${values} values`);
  console.log(`${values} values, ${byKernel} of them in columns that the kernel knows`);
});

Deno.test("and so it does where columns are filled only in some rows", () => {
  let values = 0;
  fc.assert(
    fc.property(DEFINITION, CONDITIONS, FILE, ({ columns, ...nulls }, conditions, bytes) => {
      const conditional = columns.map(({ target, rule }, index) => ({
        target,
        rule: index % 2 === 0 ? { ...rule, when: conditions[index] } : rule,
      }));
      const pipeline = compiled({ ...nulls, columns: conditional });
      if (pipeline === null) return;
      const rows = process(pipeline, bytes, HEADER.length);
      values += rows.length * pipeline.programs.length;
      assertSameHashes(pipeline, bytes);
    }),
    { numRuns: Math.ceil(RUNS / 2), seed: SEED },
  );
  ok(values > 5 * RUNS, `only ${values} values were tried`);
});
