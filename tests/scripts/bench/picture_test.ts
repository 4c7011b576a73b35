import assert from "node:assert/strict";
import { drawDetails, drawHeadline } from "../../../scripts/bench/picture.ts";
import { OTHER, RESULT } from "./result_of.ts";

/** Throws unless every tag is closed in the right place and every `<` and `&` is escaped. */
function assertWellFormed(xml: string): void {
  const open: string[] = [];
  const rest = xml.replace(
    /<(\/?)([a-z]+)((?:\s[\w:-]+="[^"<]*")*)(\/?)>/giu,
    (_, closing, name, _attributes, empty) => {
      if (closing) assert.equal(open.pop(), name);
      else if (!empty) open.push(name);
      return "";
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]/u);
  assert.doesNotMatch(xml, /&(?!amp;|lt;|gt;|quot;)/u);
}

Deno.test("the pictures are well-formed and load nothing from elsewhere", () => {
  for (const svg of [drawHeadline([RESULT, OTHER]), drawDetails([RESULT])]) {
    assertWellFormed(svg);
    assert.doesNotMatch(svg, /<script|<image|url\(|@import|href/u);
  }
});

Deno.test("the picture of details also shows its numbers as text", () => {
  const svg = drawDetails([RESULT]);
  assert.match(svg, />fresh insert, on_duplicate: fail</u);
  assert.match(svg, />against \\copy &lt;of&gt; the &amp; same</u);
  assert.match(svg, />0\.80, at most 0\.90: ok</u);
  assert.match(svg, />1\.25 s, 22 %</u);
  // `load` takes too little time, and the workload has no reference.
  assert.doesNotMatch(svg, /load\/|beside pgloader/u);
});

Deno.test("the headline shows the seconds of both sides on each server", () => {
  const svg = drawHeadline([RESULT, OTHER]);
  for (const words of ["PostgreSQL 18.4", "PostgreSQL 15.18", "8.0 s", "10.0 s", "16.0 s"]) {
    assert.ok(svg.includes(`>${words}<`), words);
  }
});

Deno.test("a result without profiles and one without workloads can be drawn", () => {
  assertWellFormed(drawDetails([{ ...RESULT, profiles: [] }]));
  assertWellFormed(drawDetails([{ ...RESULT, workloads: [] }]));
  assertWellFormed(drawHeadline([{ ...RESULT, workloads: [] }]));
});
