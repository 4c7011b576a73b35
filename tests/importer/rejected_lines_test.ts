import assert from "node:assert/strict";
import { problemsOf } from "./problems_of.ts";

const CASES: readonly (readonly [string, readonly RegExp[]])[] = [
  ["format: fixed", [/source\.widths: is missing; expected the width of each column/u]],
  ["format: fixed, widths: {}", [/source\.widths: found .* expected at least one column/u]],
  ["format: fixed, widths: { a: 0 }", [/source\.widths\.a: found 0, expected a number of char/u]],
  ["format: fixed, widths: { a: 3, 2024: 4 }", [/2024: a column that is called by a number/u]],
  ["widths: { a: 3 }", [/source\.widths: needs `format: fixed`/u]],
  ["format: csv, positions: { a: 3 }", [/source\.positions: needs `format: fixed`/u]],
  ["format: fixed, widths: { a: 3 }, positions: { a: 3 }", [/keep one of them/u]],
  ["format: fixed, widths: { a: 3 }, header: [a]", [/source\.header: is a list, but `widths`/u]],
  ["format: fixed, widths: { a: 3 }, delimiter: ','", [/a file of fixed width has none of it/u]],
  ["format: fixed, widths: { a: 3 }, quote: none", [/a file of fixed width has none of it/u]],
  ["format: copy, skip_lines: 1", [/COPY's text format has none of it/u]],
  ["format: copy, delimiter: '||'", [/expected auto, tab or one other character of ASCII/u]],
  ["format: copy, delimiter: x", [/expected auto, tab or one other character of ASCII/u]],
  ["format: copy, delimiter: ä", [/expected auto, tab or one other character of ASCII/u]],
  ["format: csv, records: a.b", [/needs `format: json` or `format: copy`/u]],
  ...["5-3", "0-2", "x", "-3", "1-2-3", "1.5"].map((place) =>
    [
      `format: fixed, positions: { a: "${place}" }`,
      [/source\.positions\.a: .* expected characters such as 1-20/u],
    ] as const
  ),
];

for (const [source, wanted] of CASES) {
  Deno.test(`source: { ${source} } is refused`, () => {
    const problems = problemsOf(`table: t\nsource: { ${source} }\n`);
    assert.equal(problems.length, wanted.length, problems.join("\n"));
    for (const [i, pattern] of wanted.entries()) assert.match(problems[i], pattern);
  });
}
