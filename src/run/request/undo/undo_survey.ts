/** What can be taken back of a run, and what stands in the way: found before anything happens. */
import { tableNames } from "../../../importer/routes/routes.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run, UndoScope } from "../../../ledger/runs/runs.ts";
import { type ChainFacts, readChainFacts } from "../../../ledger/undo/undos.ts";
import { listUndoTables, type UndoTable } from "../../../ledger/runs/chain_writes.ts";
import {
  countByNumber,
  hasRows,
  readWhereabouts,
  type Whereabouts,
} from "../../../load/undo/look_ahead.ts";
import { blocksOf } from "../../../load/undo/place.ts";
import { listReferences, rowsOf } from "../../../load/undo/undo_relation.ts";
import { readUndoSource, type UndoSource } from "../../undo_source.ts";
import { Refused } from "../refuse/refused.ts";
import { undoNotes } from "./undo_notes.ts";
import { inUndoOrder } from "./undo_order.ts";

export interface Survey {
  readonly scope: UndoScope;
  /** The columns of all tables: kept rows are shown with them. */
  readonly header: readonly string[];
  readonly warnings: readonly string[];
}

/** In an open transaction that has the run's settings. Throws Refused. */
export async function surveyTables(ledger: Ledger, run: Run, dryRun: boolean): Promise<Survey> {
  const facts = await readChainFacts(ledger, run.id);
  const place = await readWhereabouts(ledger.session, tableNames(run.definition)[0]);
  requireMemory(run, facts, place);
  const tables = await listUndoTables(ledger, run.id);
  const found: UndoSource[] = [];
  const unsure: string[] = [];
  for (const table of tables) {
    const foreign = whyForeign(table, place, facts);
    if (foreign !== null) throw new Refused(`Cannot undo run ${run.id}: ${foreign}`);
    const known = await readUndoSource(ledger, run.id, table, { leaves: [], unsure: [] });
    if (known === null) continue;
    await requireAccess(ledger, run, known, facts.deleted_from.includes(table.relation));
    const repeated = await findRepeated(ledger, known);
    unsure.push(...repeated);
    found.push(
      repeated.length === 0
        ? known
        : (await readUndoSource(ledger, run.id, table, { leaves: [], unsure }))!,
    );
  }
  if (found.length === 0) throw gone(run, place);
  const ordered = await inUndoOrder(ledger.session, found);
  const sources = ordered.map(({ source }) => source);
  requireSomething(run, facts, sources);
  await requireRows(ledger, run, facts, sources);
  const leaves = ordered.flatMap(({ source: { relation }, waits }) =>
    relation.leaves.map(({ oid, blocks, filenode }) => ({
      ...{ relation: oid, table: relation.oid, blocks, filenode },
      ...waits && { waits },
    }))
  );
  const columns = [...sources].reverse().flatMap(({ relation }) =>
    relation.columns.map(({ name }) => name)
  );
  return {
    scope: { leaves, unsure },
    header: [...new Set(columns)],
    warnings: await undoNotes(ledger, run, sources, place, dryRun),
  };
}

/** Throws Refused if nothing was written, or nothing remembered. */
function requireMemory(run: Run, facts: ChainFacts, { kind }: Whereabouts): void {
  const cannot = `Cannot undo run ${run.id}: `;
  if (facts.has_marks || facts.kept_deleted > 0) return;
  if (facts.created + facts.updated + facts.removed + facts.related === 0) {
    throw new Refused(`${cannot}it wrote nothing to the table.`);
  }
  if (facts.off) {
    throw new Refused(`${cannot}it was loaded with options.undo: off, so nothing was remembered.`);
  }
  if (kind === "f") {
    throw new Refused(
      `${cannot}${run.definition.table} is a foreign table, whose rows don't say who wrote them.`,
    );
  }
  if (facts.older) {
    throw new Refused(
      `${cannot}it was loaded by a version of ingest that remembered nothing for an undo.`,
    );
  }
  const hours = Math.round((facts.undo_for ?? 0) / 3_600_000);
  throw new Refused(
    `${cannot}what an undo needs is no longer there. It is kept for ` +
      `${hours % 24 === 0 ? `${hours / 24} days` : `${hours} hours`} (options.undo_for), and the ` +
      `run ended on ${facts.ended_at?.toISOString().slice(0, 10)}.`,
  );
}

/** After so many, numbers of transactions come again. */
const LIFE_OF_XIDS = 2n ** 31n;

/** Why numbers of transactions don't mean here what they meant to the run; null if they do. */
export function whyForeign(
  table: Pick<UndoTable, "system_identifier">,
  now: Pick<Whereabouts, "system_identifier">,
  { age }: Pick<ChainFacts, "age">,
): string | null {
  const isOther = table.system_identifier !== null && now.system_identifier !== null &&
    table.system_identifier !== now.system_identifier;
  const since = BigInt(age ?? 0);
  if (isOther || since < 0n) {
    return "it wrote to another Postgres server (this database was restored from a dump, or " +
      "upgraded, since), and rows there can't be told apart here.";
  }
  return since < LIFE_OF_XIDS
    ? null
    : "it is more than two billion transactions old, so its rows can't be told from others.";
}

async function requireAccess(
  ledger: Ledger,
  run: Run,
  { relation, marks }: UndoSource,
  putsBack: boolean,
) {
  const cannot = `Cannot undo run ${run.id}: `;
  const { shown, leaves, mayDelete, mayInsert, mayUpdate, maySelect } = relation;
  const foreign = leaves.find(({ isForeign }) => isForeign);
  if (foreign !== undefined) {
    throw new Refused(
      `${cannot}${foreign.shown} is a foreign table, whose rows don't say who wrote them.`,
    );
  }
  const references = await listReferences(ledger.session, relation.oid);
  const needed = [
    maySelect ? null : "SELECT",
    mayDelete || marks.created.length === 0 ? null : "DELETE",
    mayInsert || !putsBack ? null : "INSERT",
    // To lock rows takes it, too.
    mayUpdate || (!marks.hasOldValues && references.length === 0) ? null : "UPDATE",
  ].filter((privilege) => privilege !== null);
  if (needed.length > 0) {
    throw new Refused(
      `${cannot}this role may not do that to ${shown}. It needs: ` +
        `grant ${needed.join(", ")} on ${shown} to the role.`,
    );
  }
  // Postgres itself would refuse to delete a row that is referred to otherwise.
  const blind = references.find(({ isReadable, action }) => !isReadable && !"ar".includes(action));
  if (blind !== undefined) {
    throw new Refused(
      `${cannot}rows of ${blind.shown} may refer to its rows (${blind.constraint}) and would be ` +
        "deleted or changed with them, and this role may not see them all. It needs: " +
        `grant SELECT on ${blind.shown} to the role.`,
    );
  }
}

/** Numbers that more rows have than the chain has written: those of older ones. */
async function findRepeated({ session }: Ledger, { marks, relation }: UndoSource) {
  const { repeatable } = marks;
  if (repeatable.length === 0) return [];
  const counts = await countByNumber(session, rowsOf(relation), repeatable.map(({ xid }) => xid));
  return repeatable.filter(({ xid, rows }) => (counts.get(xid) ?? 0) > rows).map(({ xid }) => xid);
}

function gone(run: Run, { named }: Whereabouts): Refused {
  const { table } = run.definition;
  const rest = named === null
    ? `the table ${table} was dropped, and its rows with it.`
    : `the table ${table} is another one now: the run's was dropped since, or the database was ` +
      "restored from a dump, and nothing tells its rows from others.";
  return new Refused(`Cannot undo run ${run.id}: ${rest}`);
}

/** Throws Refused if no row could be taken back, whatever is in the table. */
function requireSomething(
  run: Run,
  { created, updated, kept_deleted }: ChainFacts,
  sources: readonly UndoSource[],
) {
  const hasWhat = ({ marks: { created, hasOldValues, hasExceptions } }: UndoSource) =>
    hasOldValues || created.length > 0 || hasExceptions;
  if (created > 0 || kept_deleted > 0 || sources.some(hasWhat)) return;
  throw new Refused(
    `Cannot undo run ${run.id}: it created no rows, and the old values of the ` +
      `${updated.toLocaleString("en-US")} that it updated were not kept (options.undo: updates ` +
      "keeps them).",
  );
}

const LAST_BLOCKS = 1_000;

/** Throws Refused if the tables have no row as the chain wrote it, and it isn't known why. */
async function requireRows(
  { session }: Ledger,
  run: Run,
  { created, kept_deleted }: ChainFacts,
  sources: readonly UndoSource[],
): Promise<void> {
  if (kept_deleted > 0) return;
  for (const { relation, marks } of sources) {
    const xids = [...marks.created, ...marks.updated];
    const which = `t.xmin = any('{${xids.join(",")}}'::xid[])`;
    const last = relation.leaves.at(-1);
    // All partitions were dropped.
    if (last === undefined) continue;
    // Most runs are undone soon, and what they wrote is at the end.
    const end = blocksOf(last, Math.max(0, last.blocks - LAST_BLOCKS), last.blocks);
    if (await hasRows(session, end.rows, `${end.where} and ${which}`) === true) return;
    if (await hasRows(session, rowsOf(relation), which) !== false) return;
  }
  const { shown } = sources.at(-1)!.relation;
  const leaves = sources.flatMap(({ relation }) => relation.leaves);
  const many = created === 0 ? "the rows" : `the ${created.toLocaleString("en-US")} rows`;
  throw new Refused(
    leaves.every(({ blocks }) => blocks === 0)
      ? `Cannot undo run ${run.id}: ${shown} is empty now: it was truncated, or all rows deleted.`
      : `Cannot undo run ${run.id}: none of ${many} that it wrote is in ${shown} as it wrote it. ` +
        "They were changed or deleted since, or the table was rewritten (ALTER TABLE with another " +
        "type, a restored dump).",
  );
}
