import assert from "node:assert/strict";
import { decideCrew, type Loader } from "../../../src/run/work/crew.ts";

const WANTED = { workers: 2, known: 2, planned: 100 };

function free(where: string): Loader {
  return { where, run: 1, heldUp: false };
}
function heldUp(where: string, run: number | null): Loader {
  return { where, run, heldUp: true };
}

Deno.test("workers that are held up are replaced, and their successors end when they are back", () => {
  assert.deepEqual(decideCrew([free("a"), free("b")], WANTED), { join: 0, retire: [], avoid: [] });
  assert.deepEqual(decideCrew([free("a"), heldUp("b", 5)], WANTED), {
    join: 1,
    retire: [],
    avoid: [],
  });
  assert.deepEqual(decideCrew([free("a"), heldUp("b", 5), free("c")], WANTED), {
    join: 0,
    retire: [],
    avoid: [],
  });
  assert.deepEqual(decideCrew([free("a"), free("b"), free("c")], WANTED), {
    join: 0,
    retire: ["c"],
    avoid: [],
  });
});

Deno.test("a run holds up as many workers as there are, and there is an end to it", () => {
  const both = [heldUp("a", 5), heldUp("b", 5)];
  assert.deepEqual(decideCrew(both, WANTED), { join: 2, retire: [], avoid: [5] });
  const other = [...both, heldUp("c", 6), heldUp("d", null)];
  assert.deepEqual(decideCrew(other, WANTED), { join: 2, retire: [], avoid: [5] });
  const many = Array.from({ length: 17 }, (_, i) => heldUp(`w${i}`, i));
  assert.equal(decideCrew(many, WANTED).join, 1);
  assert.equal(decideCrew([...many, heldUp("x", 20)], WANTED).join, 0);
});

Deno.test("before there is work, nobody joins", () => {
  assert.equal(decideCrew([free("a")], { workers: 4, known: 1, planned: 1 }).join, 0);
});
