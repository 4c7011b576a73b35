import assert from "node:assert/strict";
import { type OpenQuote, quoteForBash, readBashLine } from "../../../src/cli/complete/bash_line.ts";
import { readFishToken } from "../../../src/cli/complete/fish_token.ts";

const BREAKS = " \t\n\"'><=;|&(:";

Deno.test("a line is read as bash reads it", () => {
  /** The line, its words, the current one, and what readline keeps of that. */
  const cases: readonly (readonly [string, readonly string[], string, string])[] = [
    ["ingest ", ["ingest"], "", ""],
    ["ingest st", ["ingest"], "st", ""],
    ["ingest  run  'a b' c\\ d e", ["ingest", "run", "a b", "c d"], "e", ""],
    ["ingest --x=a:b", ["ingest"], "--x=a:b", "--x=a:"],
    ["ingest --x='a:b", ["ingest"], "--x=a:b", "--x="],
    ["ingest 'a:b'c", ["ingest"], "a:bc", ""],
    ["ingest a\\:b", ["ingest"], "a:b", ""],
    ['ingest "a\\"b\\c', ["ingest"], 'a"b\\c', ""],
    ["ingest $'a\\nb\\'", ["ingest"], "a\nb'", ""],
    ["ingest '' ", ["ingest", ""], "", ""],
    ["ingest x >out ", ["ingest", "x"], "", ""],
    ["ingest x 2>&1 ", ["ingest", "x"], "", ""],
  ];
  for (const [line, words, word, kept] of cases) {
    const read = readBashLine(line, BREAKS);
    assert.deepEqual([read.words, read.word, read.kept], [words, word, kept], line);
  }
  assert.ok(readBashLine("ingest x > ou", BREAKS).isRedirection);
  assert.ok(!readBashLine("ingest x > ou t", BREAKS).isRedirection);
});

Deno.test("what is quoted for bash is read back as it was", () => {
  const quotes: readonly OpenQuote[] = ["", "'", '"', "$'"];
  const texts = [
    "plain",
    "a b",
    "it's",
    'say "x"',
    "$(x) `y` \\ !",
    "a\nb\tc",
    "#~*?[]{}<>|&;",
    "ü 漢",
  ];
  for (const quote of quotes) {
    for (const text of texts) {
      const close = quote === "$'" ? "'" : quote;
      const line = `ingest ${quote}${quoteForBash(text, quote)}${close} `;
      assert.deepEqual(readBashLine(line, BREAKS).words, ["ingest", text], line);
    }
  }
});

Deno.test("a word is read as fish reads it", () => {
  for (
    const [raw, word] of [
      ["a\\ b", "a b"],
      ["'a b", "a b"],
      ["'it\\'s", "it's"],
      ['"a\\"b\\$c\\d', 'a"b$c\\d'],
      ["a\\nb", "a\nb"],
      ["--x='a'b", "--x=ab"],
      ["a\\", "a\\"],
    ]
  ) assert.equal(readFishToken(raw), word, raw);
});
