import { equal, fail, ok } from "node:assert/strict";
import fc from "fast-check";
import { compileFind, compileTest } from "../../src/pattern/automaton.ts";
import { compileReplacement } from "../../src/pattern/replacement.ts";
import { compileConditions } from "../../src/pattern/conditions.ts";
import { BoundedMatcher } from "../../src/pattern/matcher.ts";
import { walkReplace, walkTests } from "../../src/pattern/walk.ts";
import {
  expression,
  isExpression,
  misleadsPlatform,
  PATTERN_RUNS,
  patternAndTexts,
} from "./generated.ts";

Deno.test("an automaton finds a match where the platform's expression does", () => {
  let decided = 0;
  fc.assert(
    fc.property(patternAndTexts, ({ source, texts }) => {
      const native = expression(source, "u");
      const automatons = native && compileConditions(source);
      if (native === null || automatons === null) return;
      for (const text of texts) {
        const found = walkTests(automatons, text);
        if (found === null) continue;
        decided++;
        equal(found, native.test(text), `/${source}/u.test(${JSON.stringify(text)})`);
      }
    }),
    PATTERN_RUNS,
  );
  ok(decided > 5 * PATTERN_RUNS.numRuns, `only ${decided} texts were decided`);
});

Deno.test("words beside parts without case are found as the bounded matcher finds them", () => {
  let decided = 0;
  fc.assert(
    fc.property(patternAndTexts, ({ source, texts }) => {
      if (!misleadsPlatform(source) || !isExpression(source)) return;
      const automatons = compileConditions(source);
      if (automatons === null) return;
      const matcher = new BoundedMatcher(source);
      for (const text of texts) {
        const found = walkTests(automatons, text);
        if (found === null) continue;
        decided++;
        matcher.begin(text);
        equal(found, matcher.find(0) !== null, `/${source}/u.test(${JSON.stringify(text)})`);
      }
    }),
    PATTERN_RUNS,
  );
  ok(decided > PATTERN_RUNS.numRuns / 4, `only ${decided} texts were decided`);
});

Deno.test("without case, a character is the same as those that the platform takes for the same", () => {
  for (const one of "aKsßẞſσςΣıİåÅθϑǆǅაᲐᎠꭰᾳᾼΐﬅﬆ1-é語\u0345") {
    const native = new RegExp(`^${one}$`, "iu");
    const automatons = compileConditions(`^(?i:${one})$`)!;
    for (let unit = 0; unit <= 0xffff; unit++) {
      if (unit >= 0xd800 && unit <= 0xdfff) continue;
      const other = String.fromCharCode(unit);
      if (walkTests(automatons, other) !== native.test(other)) fail(`${one} and ${other}`);
    }
  }
});

Deno.test("an automaton replaces what the platform's expression replaces", () => {
  let decided = 0;
  fc.assert(
    fc.property(patternAndTexts, ({ source, texts }) => {
      const native = expression(source, "gu");
      const replacement = native && compileReplacement(source, "-$$-");
      if (native === null || replacement === null) return;
      for (const text of texts) {
        const became = walkReplace(replacement, text);
        if (became === null) continue;
        decided++;
        equal(became, text.replace(native, "-$$-"), `/${source}/gu in ${JSON.stringify(text)}`);
      }
    }),
    PATTERN_RUNS,
  );
  ok(decided > 4 * PATTERN_RUNS.numRuns, `only ${decided} texts were decided`);
});

Deno.test("patterns of the usual kind have small automatons", () => {
  const usual = [
    "^\\+\\d{8,15}$",
    "^[\\w.+-]+@[\\w-]+(\\.[\\w-]+)+$",
    "^(DE|AT|CH)-\\d{4,5}$",
    "[A-Z]{2}\\d{2}[A-Z0-9]{1,30}",
    "^\\p{Lu}\\p{L}*(?:[ '-]\\p{L}+)*$",
    "(?i:gmbh|ag|kg)\\b",
    "(?m:^#)",
    "^.{3,200}$",
    "[^0-9+]",
    "\\s+$",
    "(?<!\\d)\\d{4}(?!\\d)",
    "(?<=^|\\s)[A-Z]+(?=\\s|$)",
  ];
  for (const source of usual) {
    for (const compile of [compileTest, compileFind]) {
      const automaton = compile(source);
      ok(automaton !== null, source);
      ok(automaton.classes.length + 2 * automaton.transitions.length < 16_384, source);
    }
  }
});

Deno.test("patterns that no table of states can say, or only a huge one, have no automaton", () => {
  const others = [
    "(?=ab)a",
    "(?<!ab)b",
    "a(?=)b",
    "(a)\\1",
    "(a{99}){99}",
    "((((){999}){999}){999}){999}",
    "x{0,1000}y{0,1000}",
    "(?:a|b)*a(?:a|b){14}$",
  ];
  for (const source of others) {
    equal(compileTest(source), null, source);
    equal(compileFind(source), null, source);
  }
});

Deno.test("what looks around at a pattern's begin or end is a condition of its own", () => {
  const tests: readonly [source: string, conditions: number | null][] = [
    ["^(?=.*\\d)(?!.*--)[a-z\\d-]+$", 3],
    ["^[a-z-]+(?<!-)$", 2],
    ["^(?!0+$)\\d{4}(?<=[02468])$", 3],
    ["^a|(?=bc)b$", null],
    ["(?=ab)a", null],
    ["a(?=bc)b", null],
    ["a(?=b)b(?<!^|\\s)", 1],
    ["^(?=(a))\\1b", null],
    ["^(?=a(?=bc))ab", null],
  ];
  for (const [source, count] of tests) {
    equal(compileConditions(source)?.length ?? null, count, source);
  }
  const password = compileConditions("^(?=.*\\d)(?!.*--)[a-z\\d-]+$")!;
  equal(walkTests(password, "a-1"), true);
  equal(walkTests(password, "a--1"), false);
  equal(walkTests(password, "a-b"), false);
});

Deno.test("loops whose rounds may be empty are tested, but their matches are not found", () => {
  // JavaScript tries a round once more if it is empty, and so finds the longer match.
  equal("aa".replace(/^(?:a*?)?/u, ""), "a");
  ok(compileTest("^(?:a*?)?") !== null);
  equal(compileFind("^(?:a*?)?"), null);
});

Deno.test("replacements that depend on the match have no automaton", () => {
  for (const by of ["$1", "$&", "$`", "$'", "$<x>", "$$$1", "a$0"]) {
    equal(compileReplacement("(a)", by), null, by);
  }
  for (const by of ["", "$", "$$", "US$ ", "$$1", "$$$"]) {
    equal(compileReplacement("(a)", by)?.by, "a".replace(/(a)/u, by), by);
  }
});

Deno.test("a text with characters beyond the BMP is decided only by what comes before them", () => {
  equal(walkTests([compileTest("a")!], "a😀"), true);
  equal(walkTests([compileTest("^b")!], "a😀"), false);
  equal(walkTests([compileTest("b")!], "a😀b"), null);
  equal(walkTests([compileTest("b")!, compileTest("^b")!], "a😀b"), false);
  equal(walkReplace(compileReplacement("a", "")!, "a😀"), null);
});

Deno.test("replacing is given up where each place may begin a long match that fails", () => {
  const replacement = compileReplacement("a+b", "")!;
  equal(walkReplace(replacement, "a".repeat(1_000)), null);
  equal(walkReplace(replacement, "a".repeat(20) + "ab"), "");
});
