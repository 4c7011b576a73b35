/** Creates a run from a definition and a file, after checking that they fit the table. */
import { basename, extname } from "node:path";
import { SessionLost } from "../../db/session.ts";
import type { Definition } from "../../importer/definition.ts";
import type { Origin } from "../../importer/problem.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { createRun, type NewRun, type Run, type RunSource } from "../../ledger/runs.ts";
import { holdFingerprint } from "../../ledger/same_bytes.ts";
import type { Table } from "../../load/table.ts";
import { isConverted, resolveSource } from "../../source/open.ts";
import { changed } from "../../source/range.ts";
import { spool } from "../../source/spool.ts";
import { HeaderMismatch } from "../../row/compile.ts";
import { describeTable, fitTogether } from "../program.ts";
import { readTable } from "../read_table.ts";
import { withHint } from "./header_hint.ts";
import { identify, refuseLoaded, refuseUnknown } from "./once.ts";
import { settingsFor } from "../user_settings.ts";
import type { StoredFile } from "./stored_file.ts";

export interface RunRequest {
  readonly definition: Definition;
  /** The definition's file, for messages that name its lines. */
  readonly origin?: Origin;
  /**
   * A path as the user gave it; standard input, which is copied into storage; or a file already in
   * storage, which then belongs to the run, or is removed if there is no run.
   */
  readonly file: string | ReadableStream<Uint8Array> | StoredFile;
  readonly user: string | null;
  readonly spoolFolder: string;
  /** Leaves the run to another process: the file is copied into storage. */
  readonly detach: boolean;
  /** Does everything and rolls it back. */
  readonly dryRun: boolean;
  /** Milliseconds to wait for a table that somebody has locked. */
  readonly patience?: number;
  /** Called at the last moment. Throws if nobody wants the run any more. */
  assertWanted?(): void;
  /** Only if no run of the importer has loaded the same bytes. */
  readonly once?: boolean;
}

/**
 * Lends the ledger for a moment. No connection is held while a file is copied, which may take
 * minutes.
 */
export type WithLedger = <T>(work: (ledger: Ledger) => Promise<T>) => Promise<T>;

export interface CreatedRun {
  readonly run: Run;
  /** The table as it was when the run was checked against it. */
  readonly table: Table;
}

/**
 * Throws what `withLedger` does, SourceError, TargetError, DefinitionError, DefinitionMismatch and
 * HeaderMismatch, and with `once` LoadedBefore and Refused; then there is no run, and no copy is left.
 */
export async function createRunFor(
  withLedger: WithLedger,
  request: RunRequest,
): Promise<CreatedRun> {
  const { definition, user, spoolFolder } = request;
  const copies: string[] = [];
  let checksum: string | null = null;
  let fingerprint: string | null = null;
  let original: RunSource["original"];
  let asked = false;
  const keep = async (from: string | ReadableStream<Uint8Array>, extension: string) => {
    const copy = await spool(from, spoolFolder, extension);
    copies.push(copy.path);
    ({ checksum, fingerprint } = copy);
    return copy.path;
  };
  const resolve = async (path: string, name: string) => {
    const opened = await resolveSource(path, definition.source, spoolFolder, name);
    fingerprint ??= opened.fingerprint;
    // Files that can't be read as they are, such as those in other encodings, are converted.
    if (!isConverted(opened.source, path)) return opened.source;
    copies.push(opened.source.path);
    const stays = path === request.file && !request.detach;
    if (stays) original = { ...opened.original, host: Deno.hostname() };
    return opened.source;
  };
  try {
    const given = request.file;
    const name = typeof given === "string" ? given : "path" in given ? given.name : "stdin";
    let file: string;
    if (typeof given === "string") file = given;
    else if ("path" in given) {
      file = given.path;
      copies.push(file);
      ({ checksum, fingerprint } = given);
    } else file = await keep(given, "");
    let source = await resolve(file, name);
    const { header } = source;
    const { settings, table, loadPlan } = await withLedger(async ({ session, schemaName }) => {
      const settings = await settingsFor(session, definition, request.origin);
      const shape = { id: 0, definition, header, user_id: user, settings };
      try {
        const fit = await fitTogether(session, shape, schemaName, request.origin, request.patience);
        return { settings, ...fit };
      } catch (error) {
        if (!(error instanceof HeaderMismatch)) throw error;
        const table = await readTable(session, shape, schemaName);
        throw await withHint(error, table, { run: shape, source, name });
      }
    });
    // Copy the file only after the checks, so that a wrong file costs nothing.
    if (request.detach && copies.length === 0) {
      file = await keep(file, extname(file));
      if ((await Deno.stat(file)).size !== source.size) throw changed(name);
      source = await resolve(file, name);
    }
    if (request.once === true) {
      if (checksum === null) ({ checksum, fingerprint } = await identify(file));
      await refuseUnknown(withLedger, { definition, table, source });
    }
    // Only the last copy is read; those that it was made from are no longer needed.
    for (const path of copies.splice(0, copies.length - 1)) await Deno.remove(path);
    const wanted: NewRun = {
      definition,
      source: { ...source, host: copies.length > 0 ? null : Deno.hostname(), original },
      originalFilename: basename(name),
      spooledPath: copies[0] ?? null,
      checksum,
      fingerprint,
      user,
      dryRun: request.dryRun,
      settings,
      table: describeTable(table, loadPlan),
      retryOf: null,
    };
    const run = await withLedger((ledger) => {
      request.assertWanted?.();
      asked = true;
      const { fingerprint, checksum } = wanted;
      if (request.once !== true || fingerprint === null || checksum === null) {
        return createRun(ledger, wanted);
      }
      return ledger.transaction(async () => {
        await holdFingerprint(ledger, fingerprint);
        await refuseLoaded(ledger, definition, table, { fingerprint, checksum });
        return await createRun(ledger, wanted);
      });
    });
    return { run, table };
  } catch (error) {
    // If the connection was lost, the run may or may not exist. If it does, it needs its file; if
    // not, `prune` removes the file.
    const maybeMade = asked && error instanceof SessionLost;
    for (const path of maybeMade ? [] : copies) await Deno.remove(path);
    throw error;
  }
}
