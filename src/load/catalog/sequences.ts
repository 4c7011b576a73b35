/**
 * Sequences that number rows which bring their own numbers. Such rows don't move the sequence, so it
 * may stand behind them and hand out numbers that are taken.
 */
import type { Session } from "../../db/session.ts";
import { identifier, literal, qualified } from "../../db/quoting.ts";
import type { Table } from "./table.ts";

/** A column that the rows fill although a sequence numbers it. Table and sequence are SQL. */
export interface FilledSequence {
  readonly table: string;
  readonly column: string;
  readonly sequence: string;
}

export function filledSequences(
  table: Table,
  written: readonly string[],
): readonly FilledSequence[] {
  return table.columns.flatMap(({ name, sequence }) =>
    sequence === null || !written.includes(name)
      ? []
      : [{ table: qualified(table), column: name, sequence }]
  );
}

/** What is known about a sequence after its rows were loaded. */
export type SequenceState =
  | { readonly state: "ahead" }
  | {
    readonly state: "behind" | "advanced";
    readonly at: string;
    readonly last: string;
    readonly descending: boolean;
  }
  /** We may not look, or looking would take long. */
  | { readonly state: "unknown" };

/** Looks whether the sequence stands behind the column's numbers. Moves it if `advance`. */
export async function checkSequence(
  session: Session,
  filled: FilledSequence,
  advance: boolean,
): Promise<SequenceState> {
  const access = await readAccess(session, filled);
  if (access === null || !access.visible) return { state: "unknown" };
  const { behind, at, last, steps } = await readPosition(session, filled, access.increment);
  if (!behind) return { state: "ahead" };
  const descending = access.increment < 0;
  if (!advance || !access.movable) return { state: "behind", at, last, descending };
  await move(session, filled, last, steps);
  return { state: "advanced", at, last, descending };
}

interface Access {
  readonly increment: number;
  /** We may see where the sequence and the column's numbers are, and an index finds the last. */
  readonly visible: boolean;
  readonly movable: boolean;
}

/** Null if the table or the sequence is gone. */
async function readAccess(
  session: Session,
  { table, column, sequence }: FilledSequence,
): Promise<Access | null> {
  const [access] = await session.query<Access>(
    `select s.seqincrement as increment,
       has_schema_privilege(q.relnamespace, 'usage') and has_sequence_privilege(q.oid, 'select')
         and has_column_privilege(a.attrelid, a.attnum, 'select')
         and exists (select from pg_index i join pg_class c on c.oid = i.indexrelid
           join pg_am m on m.oid = c.relam and m.amname = 'btree'
           where i.indrelid = a.attrelid and i.indkey[0] = a.attnum and i.indpred is null
             and i.indisvalid) as visible,
       has_sequence_privilege(q.oid, 'update') as movable
     from pg_sequence s join pg_class q on q.oid = s.seqrelid, pg_attribute a
     where s.seqrelid = to_regclass($1) and a.attrelid = to_regclass($2) and a.attname = $3`,
    [sequence, table, column],
  );
  return access ?? null;
}

/** Numbers are texts where they may be larger than JavaScript can count. */
interface Position {
  readonly at: string;
  readonly last: string;
  readonly behind: boolean;
  /** How many numbers the sequence would have to hand out to reach the last one. */
  readonly steps: number;
}

async function readPosition(
  session: Session,
  { table, column, sequence }: FilledSequence,
  increment: number,
): Promise<Position> {
  const [last, beyond] = increment > 0 ? ["max", ">"] : ["min", "<"];
  const [position] = await session.query<Position>(
    `select s.last_value::text as at, l.last::text as last,
       (l.last ${beyond} s.last_value or (not s.is_called and l.last = s.last_value)) is true
         as behind,
       ceil((l.last - s.last_value)::float8 / ${increment}) + (not s.is_called)::int as steps
     from ${sequence} s,
       (select ${last}(${identifier(column)})::numeric as last from ${table}) l`,
  );
  return position;
}

/** Others can't take so many numbers between our look at the sequence and its new position. */
const SAFE_DISTANCE = 10_000;

/**
 * Never moves the sequence back, although others may take numbers at the same time: over a short
 * distance, it takes the numbers one by one, as they do.
 */
async function move(
  session: Session,
  { sequence }: FilledSequence,
  last: string,
  steps: number,
): Promise<void> {
  const name = literal(sequence);
  await session.query(
    steps > SAFE_DISTANCE
      ? `select setval(${name}, ${last}::numeric::bigint)`
      : `select max(nextval(${name})) from generate_series(1, ${steps})`,
  );
}

/** How each sentence about the sequence begins. */
export function sequenceSubject({ sequence }: FilledSequence): string {
  return `The sequence ${sequence} `;
}

/** What the user has to know, or null. `advance`: it should have been moved. */
export function sequenceWarning(
  filled: FilledSequence,
  found: SequenceState,
  advance: boolean,
): string | null {
  const { table, column, sequence } = filled;
  const extreme = "descending" in found && found.descending ? "min" : "max";
  const remedy = `select setval(${literal(sequence)}, (select ${extreme}(${
    identifier(column)
  }) from ${table}));`;
  const rows = `the rows, which came with their own ${column}`;
  const subject = sequenceSubject(filled);
  switch (found.state) {
    case "ahead":
      return null;
    case "advanced":
      return `${subject}stood at ${found.at}, behind ${rows}. It was advanced to ${found.last}.`;
    case "behind": {
      const where = `${subject}stands at ${found.at}, behind ${rows}, up to ${found.last}`;
      return advance
        ? `${where}, and this role may not advance it. Mend it with: ${remedy}`
        : `${where}. New rows would get numbers that are taken. Mend it with: ${remedy}`;
    }
    case "unknown":
      return `${subject}may stand behind ${rows}. Then new rows would get numbers that are taken. ` +
        `This mends it: ${remedy}`;
  }
}
