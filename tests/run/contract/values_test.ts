/** What becomes of a value: the order of its steps, and each transform. */
import { contract, type Line } from "./line.ts";

/** By transform: its steps in YAML, a value of the file, and what becomes of it. */
const TRANSFORMS: Readonly<Record<string, readonly [steps: string, from: string, to: string]>> = {
  trim: ["[trim]", "  a ", "a"],
  squish: ["[squish]", "a   b", "a b"],
  lower: ["[lower]", "ÄB", "äb"],
  upper: ["[upper]", "äb", "ÄB"],
  title: ["[title]", "ann LEE", "Ann Lee"],
  slug: ["[slug]", "Crème Brûlée!", "creme-brulee"],
  digits: ["[digits]", "+49 (30) 12", "493012"],
  replace: ['[{ replace: { pattern: "o+", with: 0 } }]', "foo boo", "f0 b0"],
  prefix: ["[{ prefix: P- }]", "1", "P-1"],
  suffix: ["[{ suffix: -EU }]", "1", "1-EU"],
  split: ['[{ split: { by: "/", index: -1 } }]', "a/b/c", "c"],
  default: ["[{ default: x }, upper]", "", "X"],
  map: ["[lower, { map: { a: one } }]", "A", "one"],
  number: ["[number]", "+12.50", "12.50"],
  date: ["[date], format: dd.MM.yyyy", "29.02.2024", "2024-02-29"],
  boolean: ["[boolean]", "yes", "true"],
  json: ["[json]", "[1]", "[1]"],
  in_order: ['[upper, { replace: { pattern: "A", with: b } }]', "xa", "Xb"],
  in_other_order: ['[{ replace: { pattern: "A", with: b } }, upper]', "xa", "XA"],
};
const NAMES = Object.keys(TRANSFORMS);

const EACH_TRANSFORM: Line = {
  says: "each transform does what it is called, and they are applied in their order",
  tables: `create table t (${NAMES.map((name) => `"${name}" text`).join()})`,
  definition: `columns:\n${
    NAMES.map((name) => `  ${name}: { from: ${name}, transform: ${TRANSFORMS[name][0]} }`)
      .join("\n")
  }`,
  file: `${NAMES.join()}\n${NAMES.map((name) => TRANSFORMS[name][1]).join()}\n`,
  query: "select key || ' ' || value from t, json_each_text(to_json(t))",
  rows: NAMES.map((name) => `${name} ${TRANSFORMS[name][2]}`),
  outcomes: "created",
};

contract("each line about values holds", [
  {
    says: "null_values come before trimming, and trimming before transforms, type and checks",
    tables: "create table t (id int, a text, b int)",
    definition: `source: { null_values: ["", "NULL"] }
columns:
  id: id
  a: { from: a, transform: [{ prefix: "<" }], min_length: 3 }
  b: { from: b, transform: [{ replace: { pattern: "k$", with: "000" } }], type: integer, min: 1000 }`,
    file: "id,a,b\n1, xy ,2k\n2,NULL,NULL\n3,,\n4, x ,0k\n",
    rows: ["(1,<xy,2000)", "(2,,)", "(3,,)"],
    outcomes: "created created created failed",
    errors: [
      "4 min_length a  x : The a field must have at least 3 characters.",
      "4 min b 0k: The b field must be at least 1000.",
    ],
  },
  {
    says: "`trim: false` keeps blanks; without, they are removed",
    tables: "create table t (a text, b text)",
    definition: "columns: { a: { from: a, trim: false }, b: b }",
    file: "a,b\n x , y \n",
    rows: ['(" x ",y)'],
    outcomes: "created",
  },
  EACH_TRANSFORM,
  {
    says: "concat as a transform, before all other steps",
    tables: "create table t (a text)",
    definition: 'columns: { a: { from: [A, B], transform: [upper, { concat: "-" }] } }',
    file: "A,B\nx,y\n",
    rows: ["(X-Y)"],
    outcomes: "created",
  },
  {
    says: "a value is cut at 200 characters where it stands beside a message",
    tables: "create table t (a int)",
    definition: "columns: { a: a }",
    file: `a\n${"x".repeat(300)}\n`,
    rows: [],
    outcomes: "failed",
    errors: [`1 type a ${"x".repeat(200)}: The a field must be a whole number.`],
  },
]);
