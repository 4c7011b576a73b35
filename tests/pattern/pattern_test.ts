import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { Pattern, PatternTooSlow } from "../../src/pattern/pattern.ts";
import { BoundedMatcher } from "../../src/pattern/matcher.ts";
import { quickLength } from "../../src/pattern/risk.ts";

const COUNTS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}?", "{2,}"];
const atom = fc.constantFrom(
  ...["a", "b", "ab", ".", "[ab]", "[^a]", "\\w", "\\s", "é", "😀", "\\u{1F600}", "[a-é]"],
  ...["\\p{L}", "^", "$", "\\b", "\\B", "", "\\d"],
);
const patterns = fc.letrec<{ any: string; made: string }>((tie) => {
  const any = tie("any");
  return {
    any: fc.oneof({ maxDepth: 4 }, atom, tie("made")),
    made: fc.oneof(
      fc.tuple(any, any).map(([a, b]) => a + b),
      fc.tuple(any, any).map(([a, b]) => `(?:${a}|${b})`),
      fc.tuple(any, any).map(([a, b]) => `(${a}|${b})`),
      fc.tuple(any, fc.constantFrom(...COUNTS)).map(([a, count]) => `(?:${a})${count}`),
      fc.tuple(any, fc.constantFrom(...COUNTS)).map(([a, count]) => `(${a})${count}`),
      fc.tuple(fc.constantFrom("a", ".", "[ab]", "\\w", "😀"), fc.constantFrom(...COUNTS))
        .map(([a, count]) => a + count),
      fc.tuple(fc.constantFrom("?=", "?!", "?<=", "?<!"), any).map(([k, a]) => `(${k}${a})`),
      any.map((a) => `(${a})\\1`),
      any.map((a) => `(?i:${a})`),
      any.map((a) => `(?m:${a})`),
    ),
  };
}).any;
const texts = fc.array(fc.constantFrom("a", "b", "A", "é", "😀", " ", "\n", "1"), { maxLength: 8 })
  .map((parts) => parts.join(""));

function native(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, flags);
  } catch {
    return null;
  }
}

Deno.test("the bounded matcher finds what the platform's expressions find, in every group", () => {
  fc.assert(
    fc.property(patterns, texts, (source, text) => {
      const expected = native(source, "du")?.exec(text);
      if (expected === undefined) return;
      // The platform finds empty matches inside a pair of surrogates.
      if (expected !== null && /[\udc00-\udfff]/.test(text[expected.index] ?? "")) return;
      const matcher = new BoundedMatcher(source);
      matcher.begin(text);
      const found = matcher.find(0);
      const groups = found && Array.from({ length: matcher.groups }, (_, group) => {
        const [start, end] = [found[2 * group], found[2 * group + 1]];
        return start < 0 || end < 0 ? undefined : [start, end];
      });
      assert.deepEqual(groups, expected && [...expected.indices!], `/${source}/`);
    }),
    { numRuns: 5_000, seed: 1 },
  );
});

Deno.test("the bounded replacement is the platform's", () => {
  const parts = ["a", "$1", "$2", "$&", "$$", "$`", "$'", "$01", "$12", "$<x>", "$", "0"];
  const replacements = fc.array(fc.constantFrom(...parts), { maxLength: 3 })
    .map((all) => all.join(""));
  fc.assert(
    fc.property(patterns, texts, replacements, (source, text, by) => {
      const expression = native(source, "gu");
      if (expression === null || text.includes("😀")) return;
      const expected = text.replace(expression, by);
      assert.equal(new Pattern(source, -1).replace(text, by), expected, `/${source}/ → ${by}`);
    }),
    { numRuns: 5_000, seed: 1 },
  );
  const named = new Pattern("(?<x>a)(b)?", -1);
  assert.equal(named.replace("xab a", "[$<x>$2$<y>]"), "x[ab] [a]");
});

Deno.test("an empty match never splits a character of two units", () => {
  assert.equal(new Pattern("\\B").replace("a😀b", "-"), "a😀b");
  assert.equal(new Pattern("(?<!\\w)").replace("a😀", "-"), "-a😀-");
  assert.equal(new Pattern("(?:\\B)").test("a😀b"), false);
  assert.equal(new Pattern("x*").replace("a😀", "-"), "-a-😀-");
});

/**
 * Milliseconds of a processor: a hundred times what they take. What else the machine does in the
 * meantime doesn't count.
 */
const SOON = 5_000;

/** Begins to count them. What it returns tells how many there were. */
function timed(): () => number {
  const began = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  };
}

Deno.test("no pattern takes long for any text: it is decided, or it is given up", () => {
  const cases: readonly [source: string, text: string, result: boolean | "slow"][] = [
    ["^(a+)+$", "a".repeat(60) + "b", false],
    ["^(a+)+$", "a".repeat(50_000) + "b", false],
    ["\\s+$", " ".repeat(60_000) + "x", false],
    ["^(?:a|a)*$", "a".repeat(10_000) + "b", false],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(1_000), false],
    ["^(.*?,){11}P", "1,".repeat(1_000), false],
    ["^([a-z0-9]+-?)*$", "a".repeat(5_000) + "!", false],
    ["(x+x+)+y", "x".repeat(5_000), false],
    ["^(?=(a+)+b)a", "a".repeat(60), false],
    ["^a(?=(a+)+b)a", "a".repeat(60), "slow"],
    ["^(a|aa)+\\1$", "a".repeat(5_001) + "b", "slow"],
    ["^(a*)*$", "a".repeat(5_000) + "b", false],
    // Nobody but the bounded matcher knows the last character.
    ["^(a*)*$", "a".repeat(5_000) + "😀", "slow"],
  ];
  for (const [source, text, result] of cases) {
    const pattern = new Pattern(source);
    const spent = timed();
    const test = () => pattern.test(text);
    if (result === "slow") assert.throws(test, PatternTooSlow, source);
    else assert.equal(test(), result, source);
    const took = spent();
    assert.ok(took < SOON, `/${source}/ took ${took} ms`);
  }
  const blanks = " ".repeat(60_000);
  assert.equal(new Pattern("\\s+$").replace(`${blanks}x${blanks}`, ""), `${blanks}x`);
});

Deno.test("thousands of texts that suit a pattern badly take seconds, and others are judged", () => {
  const pattern = new Pattern("^a(?=(a+)+$)[ab]+$");
  const bad = "a".repeat(40) + "b";
  const spent = timed();
  for (let i = 0; i < 20_000; i++) {
    assert.throws(() => pattern.test(bad), PatternTooSlow);
    assert.equal(pattern.test("a".repeat(40)), true);
  }
  const took = spent();
  assert.ok(took < 20 * SOON, `took ${took} ms`);
});

Deno.test("long texts that need a long program take seconds, too, however many there are", () => {
  const bad = "a".repeat(3_000) + "1";
  // The second one's program is too long to be made.
  for (const source of ["^(([a-z]){1,99}){1,90}$", "^(([a-z]){1,100}){1,100}$"]) {
    const pattern = new Pattern(source);
    const spent = timed();
    for (let i = 0; i < 300; i++) assert.throws(() => pattern.test(bad), PatternTooSlow);
    const took = spent();
    assert.ok(took < 2 * SOON, `/${source}/ took ${took} ms`);
  }
});

Deno.test("long texts that a pattern suits are judged, however many there are", () => {
  const pattern = new Pattern("^(?:[a-z]+-?)*$");
  const text = "abc-".repeat(500);
  for (let i = 0; i < 500; i++) assert.equal(pattern.test(text), true);
});

Deno.test("the platform's own is used where the pattern's form bounds its time", () => {
  const usual = [
    "^[A-Z]{2}\\d{6,8}$",
    "^[^@]+@[^@]+\\.[a-z]+$",
    "^[a-z0-9]+(?:-[a-z0-9]+)*$",
    "^\\d{3}-\\d{4}$",
    "(\\d{1,3}\\.){3}\\d{1,3}",
    "^(?:foo|bar)$",
    "^(?:(?!--).)+$",
    "^(?!.*(.)\\1\\1)",
    "(.)\\1",
  ];
  for (const source of usual) assert.ok(quickLength(source) >= 50, source);
  for (
    const source of ["^(a+)+$", "(?:a|b)*c", "^([\\w-]+\\.?)+$", "(a*)*", "^(?:(?!(a+)+b).)+$"]
  ) {
    assert.equal(quickLength(source), 0, source);
  }
});

Deno.test("where the platform's own is used, it is quick for the worst of texts", () => {
  const characters = ["a", "1", "-", ".", "@", " "];
  fc.assert(
    fc.property(patterns, fc.constantFrom(...characters), (source, character) => {
      const expression = native(source, "u");
      if (expression === null) return;
      const length = Math.min(quickLength(source), 100_000);
      if (length === 0) return;
      const text = character.repeat(length - 1) + "!";
      const spent = timed();
      expression.test(text);
      assert.ok(spent() < SOON, `/${source}/ on ${length} × ${character}`);
    }),
    { numRuns: 300, seed: 2 },
  );
});
