import { equal } from "node:assert/strict";
import { areEnclosedInApostrophes } from "../../../src/source/csv/other_quotes.ts";
import { bytesOf, COMMA } from "../records.ts";

Deno.test("values in apostrophes are noticed if most records have some", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["id,name\n1,'a, b'\n2,'c'\n", true],
    ["'id','name'\n'1','it''s'\n", true],
    ["id,name\n1,it's\n2,'tis\n3,dogs'\n", false],
    ["id,name\n1,'a'\n2,b\n3,c\n", false],
    ["id,name\n1,'\n2,'\n", false],
    ["id,name\n1,\"'a'\"\n2,\"'b'\"\n", false],
    ["", false],
  ];
  for (const [text, expected] of cases) {
    equal(areEnclosedInApostrophes(bytesOf(text), COMMA), expected, text);
  }
});
