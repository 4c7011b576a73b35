/** Imports a case with the program's own parts, claiming its batches in the case's order. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { DEFAULT_SOURCE } from "../../src/importer/complete_source.ts";
import { wantedNames } from "../../src/importer/wanted_names.ts";
import { checksumOf } from "../../src/hooks/files.ts";
import type { HooksRule } from "../../src/importer/hooks_rule.ts";
import { Session } from "../../src/db/session.ts";
import { Ledger } from "../../src/ledger/ledger.ts";
import type { Batch } from "../../src/ledger/batches.ts";
import { startRun } from "../../src/ledger/run_states.ts";
import { createRun } from "../../src/ledger/create_run.ts";
import { findRun, type Run } from "../../src/ledger/runs.ts";
import { readProgress, type RunProgress } from "../../src/ledger/progress.ts";
import { settle } from "../../src/ledger/settle.ts";
import { planRun } from "../../src/run/plan/plan_run.ts";
import { processBatch } from "../../src/run/process/process_batch.ts";
import { processWhole } from "../../src/run/process/process_whole.ts";
import { prepareRun } from "../../src/run/prepare.ts";
import { type RunProgram } from "../../src/run/program.ts";
import { Rehearsal } from "../../src/run/process/rehearsal.ts";
import { resolveSource } from "../../src/source/resolve.ts";
import { makeZip } from "../source/unpack/make_zip.ts";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";
import type { Case, FileRow } from "./reference_case.ts";
import { definitionOf } from "./reference_target.ts";

export interface LoggedOutcome {
  readonly row_number: number;
  readonly status: string;
  readonly errors: {
    readonly message: string;
    readonly details: readonly {
      readonly code: string;
      readonly first_row?: number;
    }[];
    readonly validation: Readonly<Record<string, readonly string[]>>;
  } | null;
}

export interface Imported {
  readonly run: Run;
  readonly outcomes: readonly LoggedOutcome[];
  readonly progress: RunProgress;
}

const HEADER = "k,email,amount,ref,parent,stamp";

export function fileText(rows: readonly FileRow[]): string {
  const lines = rows.map((row) =>
    "ragged" in row
      ? row.ragged
      : [row.k, row.email, row.amount, row.ref, row.parent, row.stamp].join(",")
  );
  return [HEADER, ...lines, ""].join("\n");
}

export type FileFormat = "csv" | "hooked" | "xlsx" | "ndjson" | "json" | "copy" | "fixed" | Packing;

/** CSV, packed. */
export type Packing = "gzip" | "zstd" | "zip";

const PACKED: Readonly<Record<Packing, (text: string) => Uint8Array>> = {
  gzip: (text) => gzipSync(text),
  zstd: (text) => zstdCompressSync(text),
  zip: (text) => makeZip([{ name: "case.csv", content: text }]),
};

export function isPacked(format: FileFormat): format is Packing {
  return Object.hasOwn(PACKED, format);
}

/** The same rows, in a workbook. */
function workbookOf(rows: readonly FileRow[]): Uint8Array<ArrayBuffer> {
  const cells = rows.map((row) =>
    "ragged" in row
      ? `<row><c><v>1</v></c><c t="e"><v>${row.ragged}</v></c></row>`
      : textRow(row.k, row.email, row.amount, row.ref, row.parent, row.stamp)
  );
  return oneSheet(textRow(...HEADER.split(",")) + cells.join(""));
}

/** The same rows, as objects. Every other number is written as one; null stands for no value. */
function jsonOf(rows: readonly FileRow[], format: "ndjson" | "json"): string {
  const objects = rows.map((row, index) => {
    if ("ragged" in row) return row.ragged;
    const members = Object.entries(row).map(([name, text]) => {
      const isNumber = index % 2 === 0 && /^(?:0|[1-9]\d*)(?:\.\d+)?$/u.test(text);
      const value = text === "" ? "null" : isNumber ? text : JSON.stringify(text);
      return `${JSON.stringify(name)}: ${value}`;
    });
    return `{${members.join(", ")}}`;
  });
  return format === "json" || rows.length === 0 ? `[${objects.join(",\n")}]` : objects.join("\n");
}

/** The same rows, as COPY writes them. */
function copyOf(rows: readonly FileRow[]): string {
  const lines = rows.map((row) =>
    "ragged" in row
      ? row.ragged.replaceAll(",", "\t")
      : Object.values(row).map((text) => text === "" ? "\\N" : text.replaceAll("\\", "\\\\"))
        .join("\t")
  );
  return [HEADER.replaceAll(",", "\t"), ...lines, ""].join("\n");
}

/** More than any value has. */
const WIDTH = 6;
const FIXED = HEADER.split(",").map((name, i) => ({
  name,
  start: WIDTH * i,
  end: WIDTH * (i + 1),
}));

/** The same rows, each value as wide as all others. */
function fixedOf(rows: readonly FileRow[]): string {
  const wide = (cells: readonly string[]) => cells.map((text) => text.padEnd(WIDTH)).join("");
  const lines = rows.map((row) => "ragged" in row ? row.ragged : wide(Object.values(row)));
  return [wide(HEADER.split(",")), ...lines, ""].join("\n");
}

/** CSV in which two columns have changed places, and hooks that put each value back. */
const MIXED_HEADER = "email,k,amount,ref,parent,stamp";
const HOOKS = `export default () => ({
  beforeRow(row) { [row.k, row.email] = [row.email, row.k]; },
})`;

async function writeHooked(rows: readonly FileRow[], path: string): Promise<HooksRule> {
  await Deno.writeTextFile(path, fileText(rows).replace(HEADER, MIXED_HEADER));
  const hooks = { file: "case.hooks.js", path: `${path}.hooks.js` };
  await Deno.writeTextFile(hooks.path, HOOKS);
  const uses = { rows: ["beforeRow"] as const, columns: [], afterBatch: false };
  return { ...hooks, checksum: await checksumOf(hooks.path), uses };
}

/** `ledgers`: one for each worker, and one more for the planner. */
export async function importCase(
  each: Case,
  ledgers: readonly Ledger[],
  folder: string,
  limitedRole: string,
  dryRun: boolean,
  format: FileFormat = "csv",
): Promise<Imported> {
  const path = `${folder}/case.${format}`;
  let hooks: HooksRule | null = null;
  if (format === "hooked") hooks = await writeHooked(each.rows, path);
  else if (format === "csv") await Deno.writeTextFile(path, fileText(each.rows));
  else if (format === "xlsx") await Deno.writeFile(path, workbookOf(each.rows));
  else if (isPacked(format)) await Deno.writeFile(path, PACKED[format](fileText(each.rows)));
  else if (format === "copy") await Deno.writeTextFile(path, copyOf(each.rows));
  else if (format === "fixed") await Deno.writeTextFile(path, fixedOf(each.rows));
  else await Deno.writeTextFile(path, jsonOf(each.rows, format));
  const written = definitionOf(each);
  // JSON is recognised, as long as nothing says that it is delimited text.
  const how = format === "hooked"
    ? { format: "csv" as const }
    : format === "csv" || format === "xlsx"
    ? { format }
    : format === "copy"
    ? { format, delimiter: "auto" }
    : format === "fixed"
    ? { format, fixed: FIXED }
    : isPacked(format)
    ? { format: "csv" as const }
    : DEFAULT_SOURCE;
  const definition = {
    ...written,
    source: { ...written.source, ...how },
    ...hooks !== null && { hooks },
  };
  const wanted = wantedNames(definition);
  const { source } = await resolveSource(path, definition.source, folder, { wanted });
  // A case that failed may have left the role set.
  for (const ledger of ledgers) await ledger.query("set role none");
  const [planning, ...rest] = ledgers;
  const working = rest.slice(0, each.workers);
  const created = await createRun(planning, {
    definition,
    source: { ...source, host: null },
    originalFilename: "case.csv",
    spooledPath: null,
    checksum: null,
    fingerprint: null,
    user: null,
    dryRun,
    settings: null,
    table: null,
    retryOf: null,
  });
  await startRun(planning, created.id);
  const role = each.shape.rowSecurity ? limitedRole : "none";
  for (const ledger of ledgers) await ledger.query(`set role ${role}`);
  const workers: Worker[] = [];
  for (const ledger of working) {
    const rehearsal = new Rehearsal(async ({ session }) => {
      const second = await Session.open(session.config);
      await second.query(`set role ${role}`);
      return second;
    });
    const program = await prepareRun(ledger.session, created, "ingest");
    workers.push({ ledger, program, rehearsal });
  }
  const random = new Random(each.schedule);
  const size = { rows: each.batchRows, bytes: 1_000_000 };
  let planned = false;
  for (;;) {
    if (!planned && random.below(3) === 0) {
      // Use a new planner each time: it has to find out what the one before it knew.
      const program = await prepareRun(planning.session, created, "ingest");
      const options = { stepBytes: each.stepBytes, isStopping: () => true };
      planned = await planRun(planning, program, options) === "planned";
    }
    const didWork = await workOnce(workers, created.id, random);
    if (didWork === "ended") break;
    if (didWork || !planned) continue;
    if ((await settle(planning, created.id, size)).do === "end") break;
  }
  for (const { rehearsal, program } of workers) {
    await rehearsal.close();
    await program.hooks?.close();
  }
  for (const ledger of ledgers) await ledger.query("set role none");
  const run = await findRun(planning, created.id);
  if (run === null) throw new Error("The run is gone");
  return {
    run,
    outcomes: await planning.query<LoggedOutcome>(
      "select row_number, status, errors from ingest.rows where run_id = $1 order by row_number",
      [run.id],
    ),
    progress: await readProgress(planning, run.id),
  };
}

interface Worker {
  readonly ledger: Ledger;
  readonly program: RunProgram;
  readonly rehearsal: Rehearsal;
}

/** Each worker claims one of the claimable batches, and all process them at the same time. */
async function workOnce(
  workers: readonly Worker[],
  runId: number,
  random: Random,
): Promise<boolean | "ended"> {
  const claims: { worker: Worker; batch: Batch }[] = [];
  for (const worker of workers) {
    const batch = await claimAny(worker.ledger, runId, random);
    if (batch !== null) claims.push({ worker, batch });
  }
  // If batches depend on each other, only one is claimed; the other workers end their rehearsals.
  for (const { rehearsal } of workers) {
    if (!claims.some(({ worker }) => worker.rehearsal === rehearsal)) await rehearsal.close();
  }
  const ends = await Promise.all(
    claims.map(({ worker: { ledger, program, rehearsal }, batch }) =>
      (program.run.whole ? processWhole : processBatch)(ledger, program, batch, rehearsal)
    ),
  );
  for (const end of ends) {
    if (!end.done) throw new Error(`A batch was ${end.because}`);
    if (end.ended) return "ended";
  }
  return claims.length > 0;
}

/** As `claimBatch`, except that it may claim any of the claimable batches, not only the first. */
async function claimAny(ledger: Ledger, runId: number, random: Random): Promise<Batch | null> {
  const free = await ledger.query<{ id: number }>(
    `select b.id from ingest.batches b join ingest.runs r on r.id = b.run_id
     where b.run_id = $1 and b.status = 'pending' and ((b.phase = 1 and not r.in_order and not r.whole) or (
       not exists (select from ingest.batches earlier
         where earlier.run_id = b.run_id and earlier.number < b.number
           and earlier.status in ('pending', 'processing'))
       and ((b.phase = 1 and not r.whole) or r.planned_at is not null)))
     order by b.number`,
    [runId],
  );
  if (free.length === 0) return null;
  const [batch] = await ledger.query<Batch>(
    `update ingest.batches set status = 'processing', attempts = attempts + 1,
       claimed_at = clock_timestamp(), worker = 'reference' where id = $1 returning *`,
    [free[random.below(free.length)].id],
  );
  return batch;
}

/** A small generator (mulberry32), so that a case always has the same schedule. */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
}
