/** Random definitions that write to several tables, files for them, and what somebody does meanwhile. */
import fc from "fast-check";

export interface Nested {
  readonly k: number;
  readonly v?: number;
  readonly kids?: readonly Nested[];
}
export interface Parent extends Omit<Nested, "k"> {
  readonly k: string;
  readonly tags?: readonly string[] | null;
}

/** At most three levels. */
function children(levels: number): fc.Arbitrary<readonly Nested[]> {
  const own = {
    k: fc.integer({ min: 1, max: 3 }),
    // The tables refuse 7.
    v: fc.integer({ min: 0, max: 8 }),
  };
  const child = levels === 1
    ? fc.record(own, { requiredKeys: ["k"] })
    : fc.record({ ...own, kids: children(levels - 1) }, { requiredKeys: ["k"] });
  return fc.array(child, { maxLength: 3 });
}

const parents: fc.Arbitrary<readonly Parent[]> = fc.array(
  fc.record({
    k: fc.constantFrom("a", "b", "c", "d"),
    v: fc.integer({ min: 0, max: 6 }),
    kids: children(3),
    tags: fc.option(fc.array(fc.constantFrom("red", "blue", "green"), { maxLength: 3 })),
  }, { requiredKeys: ["k", "v"] }),
  { minLength: 1, maxLength: 8 },
);

export const severalCase = fc.record({
  rows: parents,
  depth: fc.constantFrom(0, 1, 2, 3),
  links: fc.constantFrom("none", "add", "replace"),
  /** What becomes of rows that refer to one which is deleted. */
  refers: fc.constantFrom("restrict", "cascade", "deferred", "not at all"),
  unique: fc.constantFrom("all", "some", "no"),
  keyed: fc.boolean(),
  parent: fc.constantFrom("update", "skip"),
  child: fc.constantFrom("update", "skip"),
  undo: fc.constantFrom("updates", "updates", "inserts"),
  batch: fc.constantFrom(1, 3, 1000),
  whole: fc.boolean(),
  refersToItself: fc.boolean(),
  acts: fc.oneof(
    fc.constant([]),
    fc.array(
      fc.record({
        do: fc.constantFrom<"change" | "delete" | "insert" | "refer">(
          ...["change", "delete", "insert", "refer"] as const,
        ),
        table: fc.nat({ max: 4 }),
        row: fc.nat({ max: 20 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  ),
});
export type SeveralCase = typeof severalCase extends fc.Arbitrary<infer T> ? T : never;

/** The tables that are written to; `t0` is that of the rows themselves. */
export function tablesOf({ depth, links }: SeveralCase): readonly string[] {
  const levels = Array.from({ length: depth + 1 }, (_, level) => `t${level}`);
  return links === "none" ? levels : [...levels, "links"];
}

/** All of them are created anew, whichever the case needs. */
export function createTables({ refers, unique, refersToItself }: SeveralCase): string {
  const reference = (table: string) =>
    refers === "not at all"
      ? ""
      : `references ${table} ${
        refers === "cascade"
          ? "on delete cascade"
          : refers === "deferred"
          ? "deferrable initially deferred"
          : ""
      }`;
  const level = (number: number) => `
    create table t${number} (
      id int generated always as identity primary key, up int not null ${
    reference(`t${number - 1}`)
  },
      k int not null, v int check (v <> 7)
      ${refersToItself ? `, near int references t${number}` : ""});
    ${unique === "all" ? `create unique index on t${number} (up, k);` : ""}
    ${unique === "some" ? `create unique index on t${number} (up, k) where k > 1;` : ""}
    insert into t${number} (up, k, v) select id, 1, 1 from t${number - 1};
    insert into t${number} (up, k, v) select min(id), 2, 2 from t${number - 1};`;
  return `
    drop table if exists links, t3, t2, t1, t0, tags;
    create table tags (id int primary key, name text unique);
    insert into tags values (1, 'red'), (2, 'blue'), (3, 'green');
    create table t0 (id int generated always as identity primary key, k text unique, v int);
    insert into t0 (k, v) values ('a', 1), ('b', 2);
    ${[1, 2, 3].map(level).join("")}
    create table links (id int generated always as identity primary key,
      up int not null ${reference("t0")}, k int not null references tags, v int);
    ${unique === "all" ? "create unique index on links (up, k);" : ""}
    ${unique === "some" ? "create unique index on links (up, k) where v is null;" : ""}
    insert into links (up, k) values (1, 1), (1, 2), (2, 3);`;
}

export function definitionOf(each: SeveralCase): string {
  const { links, parent, undo, batch, whole, depth } = each;
  return `
table: t0
source: { type: upload, format: ndjson }
key: [k]
on_duplicate: ${parent}
columns: { k: k, v: v }
${
    links === "none" ? "" : `many:
  - { from: tags, sync: ${links}, lookup: { table: tags, match: name },
      pivot: { table: links, local: up, foreign: k } }`
  }
${depth === 0 ? "" : `nested: ${nestedOf(each, 1)}`}
options: { undo: ${undo}, batch_rows: ${batch}, transaction: ${whole ? "run" : "batch"} }
`;
}

function nestedOf(each: SeveralCase, level: number): string {
  const { keyed, child, depth } = each;
  const inner = level < depth ? `, nested: ${nestedOf(each, level + 1)}` : "";
  const key = keyed ? `key: [up, k], on_duplicate: ${child},` : "";
  return `[{ from: kids, table: t${level}, foreign_key: { up: id }, ${key} columns: { k: k, v: v }${inner} }]`;
}
