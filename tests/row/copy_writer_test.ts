import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { CopyWriter } from "../../src/row/copy_writer.ts";

const encoder = new TextEncoder();

/** COPY's text format as Postgres reads it. */
function unescaped(line: string): (string | null)[] {
  return line.split("\t").map((field) =>
    field === "\\N" ? null : field.replaceAll(
      /\\(.)/gu,
      (_, letter) => ({ t: "\t", n: "\n", r: "\r" })[letter as "t"] ?? letter,
    )
  );
}

const field = fc.option(
  fc.oneof(
    fc.string({ unit: "binary", maxLength: 150 }),
    fc.array(fc.constantFrom("\\", "\t", "\n", "\r", "N", ".", "é", "😀"), { maxLength: 130 })
      .map((parts) => parts.join("")),
  ),
);

Deno.test("fields written as text or as bytes are the same, and read back as they were", () => {
  fc.assert(
    fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
      const byText = new CopyWriter(1);
      const byBytes = new CopyWriter(1);
      for (const [i, value] of fields.entries()) {
        for (const out of [byText, byBytes]) if (i > 0) out.separator();
        if (value === null) {
          byText.null();
          byBytes.null();
        } else {
          const bytes = encoder.encode(value);
          byText.text(value);
          byBytes.bytes(bytes, 0, bytes.length);
        }
      }
      deepEqual(byText.view(), byBytes.view());
      deepEqual(
        unescaped(new TextDecoder("utf-8", { ignoreBOM: true }).decode(byText.view())),
        fields,
      );
    }),
    { numRuns: 500, seed: 1 },
  );
});

Deno.test("truncate removes everything after the length", () => {
  const out = new CopyWriter(2);
  out.text("kept");
  out.endRow();
  const length = out.length;
  out.text("é taken back");
  out.truncate(length);
  out.byte(33);
  equal(new TextDecoder().decode(out.view()), "kept\n!");
});
