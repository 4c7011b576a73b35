import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { findArrays } from "../../../src/source/json/find_arrays.ts";
import { bytesOf } from "../records.ts";
import { record } from "./generated.ts";

/** The arrays that are not in arrays, as `JSON.parse` has them. */
function arraysIn(value: unknown, path: readonly string[] = []): unknown[] {
  if (Array.isArray(value)) {
    const isObjects = typeof value[0] === "object" && value[0] !== null && !Array.isArray(value[0]);
    const holds = value.length === 0 ? "nothing" : isObjects ? "objects" : "others";
    return [{ path, value, holds }];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => arraysIn(inner, [...path, key]));
}

async function found(text: string, folder: string) {
  const path = `${folder}/document.json`;
  await Deno.writeFile(path, bytesOf(text));
  return await findArrays({ path, name: path, end: bytesOf(text).length, isCut: false });
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Objects in objects, over several lines. */
const document = fc.tuple(record, record, fc.constantFrom("", " ", "\n", "\r\n\n")).map((
  [one, other, between],
) => [`{"x":${one}`, `"y\\n":{"z":${other}}`, '"w":[]}'].join(`${between},${between}`));

Deno.test("all arrays of a document are found, with their places and lines", () =>
  withFolder((folder) =>
    fc.assert(
      fc.asyncProperty(document, async (text) => {
        const { arrays, isWhole, hasMore } = await found(text, folder);
        deepEqual([isWhole, hasMore], [true, false]);
        const bytes = bytesOf(text);
        const textOf = (start: number, end: number) =>
          new TextDecoder().decode(bytes.subarray(start, end));
        const seen = arrays.map(({ path, start, end, line, holds }) => {
          deepEqual(line, textOf(0, start).split("\n").length);
          return { path, value: JSON.parse(`[${textOf(start, end!)}]`), holds };
        });
        const order = (list: readonly unknown[]) =>
          list.map((one) => JSON.stringify(one)).toSorted();
        deepEqual(order(seen), order(arraysIn(JSON.parse(text))));
      }),
      { numRuns: 1000, seed: 3 },
    )
  ));

Deno.test("a text or an escape that ends in the next piece of a file is passed as a whole", () =>
  withFolder(async (folder) => {
    const PIECE = 4 * 1024 * 1024;
    for (const text of ['"x"', '"\\"]"', '"a]\\\\"', '"\\u0041"']) {
      for (let before = 1; before <= text.length + 1; before++) {
        const head = '{"a":[{"k":1},';
        const filled = head + " ".repeat(PIECE - head.length - before) + text;
        const { arrays, isWhole } = await found(`${filled},{"c":[1]}\n],"b":[2]}`, folder);
        deepEqual(isWhole, true);
        deepEqual(
          arrays.map(({ path, start, end, line, holds }) => [path, end! - start, line, holds]),
          [
            [["a"], filled.length - 6 + ',{"c":[1]}\n'.length, 1, "objects"],
            [["b"], 1, 2, "others"],
          ],
        );
      }
    }
  }));
