/**
 * `verify`: reads a run's rows again, in the way that the import did, and compares them with the
 * table, batch by batch, over several connections. The rows that retries have loaded are compared,
 * too. Nothing is written but temporary tables.
 */
import type { Ledger } from "../../ledger/ledger.ts";
import { countLoaded, findUndoOf, listRetries } from "../../ledger/batches/loaded_batches.ts";
import { countLeft, retryOf } from "../../ledger/runs/retries.ts";
import { requireRun, type Run } from "../../ledger/runs/runs.ts";
import { SourceError } from "../../source/error.ts";
import { readUpTo } from "../../source/file/range.ts";
import { fileState } from "../../source/unchanged.ts";
import { hooksDiffer } from "../request/hooks_differ.ts";
import { Refused } from "../request/refuse/refused.ts";
import { Comparers, type Keyless } from "./comparers.ts";
import { type CompiledRun, compileToVerify } from "./compile.ts";
import { countKeyless } from "./count_keyless.ts";
import { anyDiffers, Tally, type Verification } from "./findings.ts";
import { foundByTable } from "./found_by_table.ts";
import { mayReplace } from "./later_rows.ts";
import { type ChangedOf, type CompiledMember, lookAgain } from "./look_again.ts";
import { listParts } from "./read_rows.ts";
import type { Member, VerifyOptions } from "./options.ts";
import { bringsRelated, verifyRelated } from "./related/verify_related.ts";
import { remarksOn } from "./remarks.ts";

/**
 * Throws NoSuchRun; Refused and SourceError if there is nothing to compare; and, if the definition no
 * longer fits the table, what `fitTogether` throws.
 */
export async function verifyRun(
  ledger: Ledger,
  id: number,
  options: VerifyOptions,
): Promise<Verification> {
  const stop = () => ledger.session.destroy();
  options.signal?.addEventListener("abort", stop);
  try {
    return await verifyChain(ledger, await requireRun(ledger, id), options);
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}

async function verifyChain(
  ledger: Ledger,
  run: Run,
  options: VerifyOptions,
): Promise<Verification> {
  const { id } = run;
  await assertComparable(ledger, run);
  const retries = retryOf(run) === null ? await listRetries(ledger, id) : [];
  const members: CompiledMember[] = [];
  for (const retry of retries) await assertHooks(run, retry);
  for (const each of await compileChain(ledger, run, retries)) {
    members.push({ run: each.run, parts: await listParts(ledger, each.run), compiled: each });
  }
  const tally = new Tally();
  await using comparers = new Comparers(ledger, options, tally);
  const progress = new Progress(members, options);
  const changed: ChangedOf[] = [];
  const keyless: Keyless[] = [];
  const ended: CompiledRun[] = [];
  for (const { run: member, parts, compiled } of members) {
    const loaded = await countLoaded(ledger, member.id);
    const later = parts.some(({ later }) => later) || member.in_order || members.length > 1;
    const found = await comparers.compare(compiled, parts, {
      leavesChanged: (compared) => later && mayReplace(compared),
      onPart: (part) => progress.add(part.rows),
    });
    ended.push(found.compiled);
    // The bytes of a retry's rows are in the log.
    if (retryOf(member) !== null) tally.missLogged(loaded.rows - loaded.failed - found.read);
    changed.push(...found.changed.map((each) => ({ ...each, run: member.id })));
    keyless.push(...found.keyless);
  }
  if (changed.length > 0) keyless.push(...await lookAgain(ledger, members, changed, tally));
  if (keyless.length > 0) await countKeyless(ledger, keyless, tally);
  const { failed, rows } = await countLoaded(ledger, id);
  const { unresolved, waived } = await countLeft(ledger, run, failed);
  tally.add({ set_aside: unresolved + waived });
  const { counts } = tally;
  const related = members.some((member) => bringsRelated(member.run))
    ? await verifyRelated(ledger, members, {
      room: tally.room,
      onPart: (part) => progress.add(part.rows),
    })
    : null;
  const tables = [...await foundByTable(ledger, ended, tally), ...related?.tables ?? []];
  const samples = [...tally.samples, ...related?.samples ?? []];
  const named = (names: (table: (typeof tables)[number]) => readonly string[]) =>
    tables.flatMap((each) =>
      names(each).map((name) => each.label === null ? name : `${each.label}.${name}`)
    );
  return {
    run: id,
    status: run.status,
    importer: run.importer,
    table: run.definition.table,
    file: run.original_filename,
    rows: { ...counts },
    ...tables.some(({ label }) => label !== null) && { tables: tables.map(({ shown }) => shown) },
    not_loaded: run.total_rows === null ? null : Math.max(0, run.total_rows - rows),
    differs: anyDiffers(counts) || related?.isGone === true ||
      tables.some(({ shown }) => shown.differs),
    found_by: named(({ shown }) => shown.found_by),
    samples: samples.sort((a, b) => a.run - b.run || a.row_number - b.row_number),
    not_compared: named(({ shown }) => shown.not_compared),
    remarks: [
      ...remarksOn({ run, tables, tally, retries: retries.map(({ id }) => id) }),
      ...related?.remarks ?? [],
    ],
  };
}

/** All runs, for all of their tables. It is said of which table a row is if there are several. */
async function compileChain(
  ledger: Ledger,
  run: Run,
  retries: readonly Run[],
): Promise<readonly CompiledRun[]> {
  const compile = async (saysTable: boolean) => {
    const all: CompiledRun[] = [];
    for (const each of [run, ...retries]) all.push(await compileToVerify(ledger, each, saysTable));
    return all;
  };
  if ([run, ...retries].some(bringsRelated)) return await compile(true);
  const compiled = await compile(false);
  const numbers = compiled.flatMap(({ tables }) => tables.map(({ how }) => how.plan.table.oid));
  const isSaid = compiled.every(({ saysTable }) => saysTable);
  return isSaid || new Set(numbers).size === 1 ? compiled : await compile(true);
}

/** Throws Refused and SourceError. */
async function assertComparable(ledger: Ledger, run: Run): Promise<void> {
  const cannot = `Cannot verify run ${run.id}: `;
  if (run.dry_run) {
    throw new Refused(`${cannot}it was a dry run, which leaves nothing in the table.`);
  }
  if (run.kind === "undo") {
    throw new Refused(`${cannot}it is an undo, which has no rows of its own.`);
  }
  const undo = await findUndoOf(ledger, run);
  if (undo !== null) {
    throw new Refused(
      `${cannot}run ${undo} has taken back what it did. See: ingest status ${undo}`,
    );
  }
  const because = await hooksDiffer(run.definition);
  if (because !== null) throw new Refused(`${cannot}${because}. Put the file back as it was.`);
  if (retryOf(run) !== null) return;
  const { host, path } = run.source;
  if (host !== null && host !== Deno.hostname()) {
    throw new SourceError(`${cannot}its file ${path} is on ${host}. Verify it there.`);
  }
  if (await fileState(path) === null) {
    const what = run.processed_filepath === null
      ? `its file ${path} is gone. Put it back as it was, and verify it then.`
      : `the stored copy of its file, ${path}, is gone. Without it, nothing can be compared.`;
    throw new SourceError(cannot + what);
  }
  await readUpTo(path, 0, 1);
}

/** A retry may have had other hooks. */
async function assertHooks({ id }: Run, retry: Run): Promise<void> {
  const because = await hooksDiffer(retry.definition);
  if (because === null) return;
  throw new Refused(`Cannot verify run ${id}: of its retry ${retry.id}, ${because}.`);
}

class Progress {
  readonly #options: VerifyOptions;
  readonly #total: number;
  #done = 0;

  constructor(members: readonly Member[], options: VerifyOptions) {
    this.#options = options;
    // What rows bring to other tables is compared afterwards.
    this.#total = members
      .flatMap(({ run, parts }) => bringsRelated(run) ? [...parts, ...parts] : parts)
      .reduce((sum, { rows }) => sum + rows, 0);
  }

  add(rows: number): void {
    this.#done += rows;
    this.#options.onProgress?.(this.#done, this.#total);
  }
}
