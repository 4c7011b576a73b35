/**
 * Notations of numbers, dates and the like, as the kernel reads them: exactly like the text path, and
 * without it for what files usually have.
 */
import { deepEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { Encoder } from "../../src/kernel/encoder.ts";
import { COMMA, csvRecords } from "../source/records.ts";
import { MOMENTS } from "./moment_notations.ts";
import { misspelled } from "./near_values.ts";
import type { Notation } from "./notation.ts";
import { NUMBERS } from "./number_notations.ts";
import { OTHERS } from "./other_notations.ts";
import { column, compile, process, quoted, rule } from "./rows.ts";

const NOTATIONS = { ...NUMBERS, ...MOMENTS, ...OTHERS };

function pipelineOf({ rules, target = column("x") }: Notation, ...others: readonly string[]) {
  const columns = { [target.name]: rule({ from: ["source"], ...rules }) };
  return compile({ columns }, ["source", ...others], [target]);
}

for (const [name, notation] of Object.entries(NOTATIONS)) {
  Deno.test(`${name}: the kernel and the text path agree, whatever is nearly right`, () => {
    const pipeline = pipelineOf(notation);
    let [good, bad] = [0, 0];
    fc.assert(
      fc.property(
        fc.array(misspelled(notation.near), { minLength: 100, maxLength: 100 }),
        (texts) => {
          // `process` compares the two.
          const outcomes = process(pipeline, texts.map((text) => `${quoted(text)}\n`).join(""), 1);
          const { binary = null } = notation;
          if (binary !== null) {
            const kept = texts.filter((_, i) => binary.test(String(outcomes[i])));
            process(pipeline, kept.map((text) => `${quoted(text)}\n`).join(""), 1);
          }
          good += outcomes.filter((outcome) => typeof outcome === "string").length;
          bad += outcomes.filter((outcome) => typeof outcome !== "string").length;
        },
      ),
      {
        numRuns: Number(Deno.env.get("NOTATION_RUNS") ?? 30),
        seed: Number(Deno.env.get("NOTATION_SEED") ?? 1),
      },
    );
    ok(good > 100 && bad > 100, `${good} texts were good, and ${bad} bad`);
  });

  const { certain } = notation;
  if (Object.keys(certain).length === 0) continue;
  Deno.test(`${name}: the kernel writes what files usually have without its caller`, () => {
    const pipeline = pipelineOf(notation, "filler");
    const [program] = pipeline.programs;
    const write = () => {
      throw new Error("The kernel asked its caller");
    };
    const encoder = new Encoder(
      { ...pipeline, programs: [{ ...program, write }] },
      csvRecords(COMMA, 2),
    );
    // A batch has room for its rows by its length: short values at its end may find none.
    const filler = "x".repeat(100);
    const texts = Object.keys(certain);
    const lines = [...texts, ...texts, texts[0], texts[0]].map((text) =>
      `${quoted(text)},${filler}\n`
    );
    const bytes = new TextEncoder().encode(lines.join(""));
    encoder.input(bytes.length, lines.length).set(bytes);
    const { copyRows } = encoder.encodePiece({ offset: 0, line: 1, row: 1 });
    const rows = new TextDecoder().decode(copyRows).split("\n").slice(0, texts.length);
    deepEqual(rows, Object.values(certain));
  });
}
