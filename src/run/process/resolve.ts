/**
 * Between reading and encoding: values that must be found for all rows of a batch at once. A step
 * gets the session of the batch's transaction and returns a writer for each of its columns, which
 * has a value or an error for every row. All other columns keep their compiled writers, and take
 * the byte path where they can. The steps are look-ups in other tables, and the table's DEFAULT for
 * missing values.
 *
 * A column with a writer of its own must have no byte rule, because what the kernel writes by
 * itself, it never asks a writer for; or one that leaves missing values to the writer. `Encoder`
 * refuses any other.
 */
import type { Session } from "../../db/session.ts";
import type { ColumnProgram, ColumnWriter } from "../../row/pipeline.ts";
import type { RunProgram } from "../program.ts";
import { DefaultWriter } from "./default_writer.ts";
import { encodeBatch, type EncodedBatch } from "./encode.ts";
import type { ReadBatch } from "./read.ts";
import { memoryOf } from "../lookup_memory.ts";
import { ChildrenWriter } from "./children_writer.ts";
import { ListWriter } from "./list_writer.ts";
import { LookupWriter } from "./lookup_writer.ts";

/** Does work on the session that sees the rows before the batch, also those of a rehearsal. */
export type Look = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** How many rows were added to other tables, by table. */
export type Added = Map<string, number>;

/**
 * Encodes the batch with the writers of its columns, in the order of the pipeline's programs. Which
 * values it has and how many defaults are needed is known only after encoding, so a batch with values
 * that are new, or one that lacks defaults, is encoded again. Most have none, and need no statement.
 * Rows are added to look-up tables only when it is known which rows fail anyway. Throws TableChanged.
 */
export async function encodeResolved<Encoded extends Pick<EncodedBatch, "bad" | "places">>(
  session: Session,
  program: RunProgram,
  encode: (writers: readonly ColumnWriter[]) => Encoded,
  { look = (work) => work(session), added, waits = false }: {
    readonly look?: Look;
    readonly added?: Added;
    /** Rows that are not in the target yet may still come. */
    readonly waits?: boolean;
  } = {},
): Promise<Encoded> {
  const { pipeline, loadPlan: { table } } = program;
  const defaults: DefaultWriter[] = [];
  const { writers: looking, lookups } = lookupWriters(program, { adds: true, waits, defaults });
  const writers = looking.map((writer, index) => {
    const program = pipeline.programs[index];
    if (!program.takesDefault) return writer;
    const orDefault = new DefaultWriter(program, table, writer);
    defaults.push(orDefault);
    return orDefault;
  });
  const hooked = await withHooks(session, program, encode, writers);
  for (;;) {
    for (const writer of defaults) writer.begin();
    const encoded = encode(hooked);
    if (lookups.length > 0) {
      const isOther = await look(async (session) =>
        await settleAll(session, lookups) ||
        await addMissing(session, lookups, encoded, added ?? new Map())
      );
      if (isOther) continue;
    }
    const short = defaults.filter((writer) => writer.missing > 0);
    if (short.length === 0) return encoded;
    for (const writer of short) await writer.fetch(session);
  }
}

/** The writers, of rows as the hooks left them. */
async function withHooks(
  session: Session,
  { hooks, pipeline, isPart }: RunProgram,
  encode: (writers: readonly ColumnWriter[]) => Pick<EncodedBatch, "bad">,
  writers: readonly ColumnWriter[],
): Promise<readonly ColumnWriter[]> {
  if (hooks === null) return writers;
  // The run's own program has shown them the rows already, to choose their tables.
  const prepared = isPart
    ? await hooks.prepareColumns(session, pipeline.programs, encode)
    : await hooks.prepare(session, pipeline.programs, encode);
  return prepared(writers);
}

/** True if the batch has to be encoded again. */
async function addMissing(
  session: Session,
  lookups: readonly LookupWriter[],
  { bad, places }: Pick<EncodedBatch, "bad" | "places">,
  added: Added,
): Promise<boolean> {
  const lacking = lookups.filter((writer) => writer.lacks);
  if (lacking.length === 0) return false;
  const failed = new Set([...bad.keys()].map((record) => places.rowNumbers[record]));
  for (const writer of lacking) {
    const rows = await writer.add(session, failed);
    if (rows > 0) added.set(writer.table, (added.get(writer.table) ?? 0) + rows);
  }
  return true;
}

/**
 * For rows that are compared with the table: values that are missing stay NULL. In a transaction of its
 * own, unless one is open. Throws TableChanged.
 */
export async function encodeToCompare(
  session: Session,
  program: RunProgram,
  read: ReadBatch,
): Promise<EncodedBatch> {
  const looking = lookupWriters(program, { adds: false, waits: false, defaults: [] });
  const { lookups } = looking;
  const writers = await withHooks(
    session,
    program,
    (writers) => encodeBatch(program, read, writers),
    looking.writers,
  );
  if (lookups.length === 0) return encodeBatch(program, read, writers);
  const encode = async () => {
    for (;;) {
      const encoded = encodeBatch(program, read, writers);
      if (!await settleAll(session, lookups)) return encoded;
    }
  };
  return session.transactionState === "open"
    ? await encode()
    : await session.transaction(encode, program.run.settings);
}

/**
 * `adds`: values that are missing may be added. `waits`: those of the target may still come. `defaults`
 * gets the writers of DEFAULTs in children.
 */
function lookupWriters(
  { pipeline, lookups: memories }: RunProgram,
  { adds, waits, defaults }: {
    readonly adds: boolean;
    readonly waits: boolean;
    readonly defaults: DefaultWriter[];
  },
) {
  const lookups: LookupWriter[] = [];
  const writerOf = (program: ColumnProgram): ColumnWriter => {
    const { lookup, list, children } = program;
    if (children !== undefined) {
      const writers = children.programs.map((child) => {
        const writer = writerOf(child);
        if (!child.takesDefault) return writer;
        const orDefault = new DefaultWriter(child, children.table, writer);
        defaults.push(orDefault);
        return orDefault;
      });
      return new ChildrenWriter(children, writers);
    }
    if (list !== undefined) {
      const item = writerOf(list.item);
      return item === list.item ? program : new ListWriter(list, item);
    }
    if (lookup === undefined) return program;
    const writer = new LookupWriter(
      { ...lookup, create: lookup.create && adds },
      memoryOf(memories, lookup),
      !(lookup.isTarget && waits),
    );
    lookups.push(writer);
    return writer;
  };
  return { writers: pipeline.programs.map(writerOf), lookups };
}

/** True if the batch has to be encoded again. */
async function settleAll(session: Session, lookups: readonly LookupWriter[]): Promise<boolean> {
  let isOther = false;
  for (const writer of lookups) isOther = await writer.settle(session) || isOther;
  return isOther;
}
