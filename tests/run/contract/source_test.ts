/** How a file is read, each line about `source` that a file of this machine can show. */
import { workbook } from "../../source/xlsx/workbook.ts";
import { contract } from "./line.ts";

const NAMED = { tables: "create table t (id int, name text)", outcomes: "created created" };
const ROWS = ["(1,Jürgen)", "(2,Zoë)"];
const TEXT = "id,name\n1,Jürgen\n2,Zoë\n";
const windows1252 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const sheet = (name: string, ...rows: readonly (readonly string[])[]) => ({
  name,
  rows: rows.map((row) =>
    `<row>${row.map((text) => `<c t="inlineStr"><is><t>${text}</t></is></c>`).join("")}</row>`
  ).join(""),
});
const BOOK = workbook({
  sheets: [
    sheet("Notes", ["id", "name"], ["9", "wrong"]),
    sheet("People", ["id", "name"], ["1", "Jürgen"], ["2", "Zoë"]),
  ],
});

contract("each line about sources holds", [
  { ...NAMED, says: "format auto: csv", definition: "", file: TEXT, rows: ROWS },
  {
    ...NAMED,
    says: "format auto: an array of JSON",
    definition: "",
    file: '[{"id": 1, "name": "Jürgen"}, {"id": 2, "name": "Zoë"}]',
    rows: ROWS,
  },
  {
    ...NAMED,
    says: "format auto: ndjson",
    definition: "",
    file: '{"id": 1, "name": "Jürgen"}\n{"id": 2, "name": "Zoë"}\n',
    rows: ROWS,
  },
  {
    ...NAMED,
    says: "format csv, tsv, json, ndjson may be said",
    definition: "source: { format: tsv }",
    file: TEXT.replaceAll(",", "\t"),
    rows: ROWS,
  },
  ...[";", "\t", "|"].map((delimiter) => ({
    ...NAMED,
    says: `delimiter auto: ${JSON.stringify(delimiter)}`,
    definition: "",
    file: TEXT.replaceAll(",", delimiter),
    rows: ROWS,
  })),
  {
    ...NAMED,
    says: "a delimiter that is said is the only one",
    definition: 'source: { delimiter: ";" }',
    file: "id;name\n1;a,b\n2;c,d\n",
    rows: ['(1,"a,b")', '(2,"c,d")'],
  },
  {
    ...NAMED,
    says: "encoding auto: a BOM decides",
    definition: "",
    file: new Uint8Array(new Uint16Array([..."\ufeff" + TEXT].map((c) => c.charCodeAt(0))).buffer),
    rows: ROWS,
  },
  {
    ...NAMED,
    says: "encoding auto: what is not UTF-8 is windows-1252, and the run says so",
    definition: "",
    file: windows1252(TEXT),
    rows: ROWS,
    warning: /Read as windows-1252, since it is not UTF-8/u,
  },
  {
    ...NAMED,
    says: "an encoding by its WHATWG label",
    definition: "source: { encoding: latin1 }",
    file: windows1252(TEXT),
    rows: ROWS,
  },
  {
    ...NAMED,
    says: "bad bytes fail their row, and no other",
    definition: "source: { encoding: utf-8 }",
    file: windows1252("id,name\n1,Jürgen\n2,Zoe\n"),
    rows: ["(2,Zoe)"],
    outcomes: "failed created",
    errors: ["1 encoding J\\xfcrgen: The row holds bytes that are not valid UTF-8."],
  },
  {
    ...NAMED,
    says: "a list of names, for a file without a header",
    definition: "source: { header: [id, name] }",
    file: "1,Jürgen\n2,Zoë\n",
    rows: ROWS,
  },
  {
    ...NAMED,
    says: "skip_lines are before the header",
    definition: "source: { skip_lines: 2 }",
    file: `Customers of May\n\n${TEXT}`,
    rows: ROWS,
  },
  {
    ...NAMED,
    says: "null_values: an empty text only, unless there are others",
    definition: "",
    file: "id,name\n1,NULL\n2,\n",
    rows: ["(1,NULL)", "(2,)"],
  },
  {
    ...NAMED,
    says: "null_values that are said",
    definition: 'source: { null_values: ["", "NULL"] }',
    file: "id,name\n1,NULL\n2,null\n",
    rows: ["(1,)", "(2,null)"],
  },
  ...[["by number", "2"], ["by name", "People"]].map(([how, sheet]) => ({
    ...NAMED,
    says: `a sheet of a workbook, ${how}`,
    definition: `source: { format: xlsx, sheet: ${sheet} }`,
    file: BOOK,
    rows: ROWS,
  })),
]);
