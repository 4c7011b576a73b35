import assert from "node:assert/strict";
import { drawPicture } from "../../../scripts/bench/picture.ts";
import { RESULT } from "./result_of.ts";

/** Throws unless every tag is closed where it has to be, and no `<` or `&` stands for itself. */
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

Deno.test("the picture is well-formed, and needs nothing from elsewhere", () => {
  const svg = drawPicture(RESULT);
  assertWellFormed(svg);
  assert.doesNotMatch(svg, /<script|<image|url\(|@import|href/u);
});

Deno.test("the picture says in words what it shows", () => {
  const svg = drawPicture(RESULT);
  assert.match(svg, />fresh insert</u);
  assert.match(svg, />against \\copy &lt;of&gt; the &amp; same</u);
  assert.match(svg, />0\.80, at most 0\.90: ok</u);
  assert.match(svg, />1\.25 s, 22 %</u);
  // It takes too little, and has no reference.
  assert.doesNotMatch(svg, /load\/|beside pgloader/u);
});

Deno.test("there is a picture of a result without stages, and of one without workloads", () => {
  assertWellFormed(drawPicture({ ...RESULT, stages: [] }));
  assertWellFormed(drawPicture({ ...RESULT, workloads: [] }));
});
