import assert from "node:assert/strict";
import { drawPicture } from "../../../scripts/bench/picture.ts";
import { RESULT } from "./result_of.ts";

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

Deno.test("the picture is well-formed and loads nothing from elsewhere", () => {
  const svg = drawPicture(RESULT);
  assertWellFormed(svg);
  assert.doesNotMatch(svg, /<script|<image|url\(|@import|href/u);
});

Deno.test("the picture also shows its numbers as text", () => {
  const svg = drawPicture(RESULT);
  assert.match(svg, />fresh insert</u);
  assert.match(svg, />against \\copy &lt;of&gt; the &amp; same</u);
  assert.match(svg, />0\.80, at most 0\.90: ok</u);
  assert.match(svg, />1\.25 s, 22 %</u);
  // `load` takes too little time, and the workload has no reference.
  assert.doesNotMatch(svg, /load\/|beside pgloader/u);
});

Deno.test("a result without stages and one without workloads can be drawn", () => {
  assertWellFormed(drawPicture({ ...RESULT, stages: [] }));
  assertWellFormed(drawPicture({ ...RESULT, workloads: [] }));
});
