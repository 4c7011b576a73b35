/** The recording at the top of the README. */
import assert from "node:assert/strict";
import { drawRecording } from "../../scripts/recording/picture.ts";
import { Screen } from "../../scripts/recording/screen.ts";
import { toScenes } from "../../scripts/recording/timeline.ts";

function shown(text: string) {
  const screen = new Screen();
  screen.write(text);
  return screen.rows;
}

Deno.test("docs/recording.svg is one small file that moves without scripts, and holds still if asked to", async () => {
  const svg = await Deno.readTextFile(new URL("../../docs/recording.svg", import.meta.url));
  assert.ok(svg.length < 150_000);
  assert.doesNotMatch(svg, /<script|<image|<foreignObject|@import|url\(|\son\w+=/iu);
  assert.deepEqual(svg.match(/https?:[^"]*/gu), ["http://www.w3.org/2000/svg"]);
  assert.match(svg, /prefers-reduced-motion:reduce/u);
  assert.match(svg, /prefers-color-scheme:dark/u);
  for (const command of ["run customers --file", "errors", "retry 1"]) {
    assert.ok(svg.includes(`>ingest ${command}`), command);
  }
  // The real thing ends well, and shows no path of the machine that it was recorded on.
  assert.match(svg, />completed</u);
  assert.doesNotMatch(svg, /\/tmp|\/var|\/home/u);
});

Deno.test("a screen that is redrawn keeps what is printed last", () => {
  const rows = shown(
    "above\r\n\x1b[1mone\x1b[22m\x1b[K\r\ntwo\x1b[K\r\n\x1b[J\r\x1b[2A\x1b[31mnew\x1b[39m\x1b[K\r\n\x1b[J",
  );
  assert.deepEqual(
    rows.map((row) => row.map(({ character }) => character).join("")),
    ["above", "new", ""],
  );
  assert.deepEqual(rows[1].map(({ style }) => style), ["r", "r", "r"]);
  assert.throws(() => shown("\x1b[5n"), /Cannot draw/u);
});

Deno.test("a line that stays the same is drawn once, one that changes once for each state", () => {
  const states = ["10 %", "50 %", "100 %"].map((text) => shown(`same\r\nbar\r\n${text}`));
  const scenes = toScenes([
    { clears: true, words: ["run", "x"], takes: 2, stays: 1, states },
    { clears: false, words: ["errors"], takes: 0, stays: 1, states: [shown("<&>")] },
    { clears: true, words: ["retry", "1"], takes: 0, stays: 1, states: [shown("done")] },
  ]);
  assert.equal(scenes.length, 2);
  const svg = drawRecording(scenes, 80, 'A "title"');
  for (
    const [text, times] of [["same", 1], ["10 %", 1], ["100 %", 1], ["&lt;&amp;&gt;", 1]] as const
  ) {
    assert.equal(svg.split(`>${text}<`).length - 1, times, text);
  }
  assert.ok(svg.includes("A &quot;title&quot;"));
  const [first] = scenes;
  const last = first.lines.filter(({ to }) => to === first.to);
  assert.deepEqual(last.map(({ place }) => place), [1, 2, 3, 6]);
});
