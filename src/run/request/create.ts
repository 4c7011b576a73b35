/** Creates a run from a definition and a file, after checking that they fit the table. */
import { setsAside } from "../../importer/gates.ts";
import { SessionLost } from "../../db/session.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { Definition } from "../../importer/definition.ts";
import type { Origin } from "../../importer/problem.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { createRun, type NewRun } from "../../ledger/runs/create_run.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { holdFingerprint } from "../../ledger/runs/same_bytes.ts";
import type { Table } from "../../load/catalog/table.ts";
import { HeaderMismatch } from "../../row/compile.ts";
import { fit, type FittedRoute, readersIn, routesIn } from "../fit.ts";
import { describeTable } from "../prepare.ts";
import { readTable } from "../read_table.ts";
import { withHooks } from "../hooks/choose_hooks.ts";
import type { Alongside } from "./alongside.ts";
import { refuseNames } from "./refuse/refuse_names.ts";
import { refusePartial } from "./refuse/refuse_partial.ts";
import { refuseMissing } from "./combine/refuse_missing.ts";
import { withHint } from "./header_hint.ts";
import { refuseLoaded, refuseUnknown } from "./once.ts";
import { areRemote, type FetchedFiles, fetchFiles } from "./remote/fetch_files.ts";
import { SourceError } from "../../source/error.ts";
import type { RemoteAccess } from "../../source/remote/remote.ts";
import type { WithLedger } from "./with_ledger.ts";
import { settingsFor } from "../user_settings.ts";
import { type FileRequest, isList, RunFile } from "./run_file.ts";

export interface RunRequest extends FileRequest {
  readonly definition: Definition;
  /** The definition's file, for messages that name its lines. */
  readonly origin?: Origin;
  readonly user: string | null;
  /** Does everything and rolls it back. */
  readonly dryRun: boolean;
  /** Milliseconds to wait for a table that somebody has locked. */
  readonly patience?: number;
  /** Called at the last moment. Throws if nobody wants the run any more. */
  assertWanted?(): void;
  readonly alongside?: Alongside;
  /**
   * Only if no run of the importer has loaded the same bytes. Default: as the definition says. False
   * also fetches what hasn't changed.
   */
  readonly once?: boolean;
  /** How files from elsewhere are fetched. Without it, they are not. */
  readonly remote?: RemoteAccess;
}

export interface CreatedRun {
  readonly run: Run;
  /** The table as it was when the run was checked against it. */
  readonly table: Table;
}

/**
 * Throws what `withLedger` does, SourceError, TargetError, DefinitionError, DefinitionMismatch and
 * HeaderMismatch, and with `once` LoadedBefore and Refused; then there is no run, and no copy is
 * left.
 */
export async function createRunFor(
  withLedger: WithLedger,
  request: RunRequest,
): Promise<CreatedRun> {
  const { definition: written, user } = request;
  const once = request.once ?? written.options.once ?? false;
  let file = new RunFile(request);
  const find = () => withLedger((ledger) => findTable(ledger, request));
  // A local file takes the client about as long to open as the server to tell about its table.
  const isNamed = typeof request.file === "string" || isList(request.file);
  const early = isNamed ? find() : null;
  // If the file can't be opened, that is what is wrong with the request.
  early?.catch(() => {});
  let asked = false;
  let fetched: FetchedFiles | null = null;
  try {
    if (isList(request.file) && areRemote(request.file, written)) {
      // Nothing is fetched for a table that can't take it.
      const { table } = await early!;
      fetched = await fetchFor(withLedger, request, request.file, table);
      const [only, ...others] = fetched.files;
      file = new RunFile({ ...request, file: others.length === 0 ? only : fetched });
    }
    await file.open();
    refuseNames(written, file.fileNames);
    refusePartial(written, file.source.header);
    const { settings, table } = await (early ?? find());
    const definition = await withHooks(written, request.origin);
    file.nameColumns(table);
    const routes = await planFor({ ...request, definition }, file, { settings, table });
    // Only after the checks, so that a wrong file costs nothing.
    if (request.detach) await file.store();
    if (once) {
      await file.identify();
      await refuseUnknown(withLedger, { definition, table, source: file.source });
    }
    await file.removeOthers();
    await file.moveToBucket();
    const wanted: NewRun = {
      definition,
      setsAside: setsAside(definition.options),
      ...file.describe(),
      user,
      dryRun: request.dryRun,
      settings,
      table: describeTable(table, routes),
      retryOf: null,
      ...fetched && { fetched: fetched.objects },
    };
    const run = await withLedger((ledger) => {
      request.assertWanted?.();
      asked = true;
      return create(ledger, wanted, once ? table : null, request.alongside);
    });
    return { run, table };
  } catch (error) {
    // If the connection was lost, the run may or may not exist. If it does, it needs its file; if
    // not, `prune` removes the file.
    const maybeMade = asked && error instanceof SessionLost;
    if (!maybeMade) await file.discard();
    throw error;
  }
}

/** See `fetchFiles`. */
async function fetchFor(
  withLedger: WithLedger,
  { definition, spoolFolder, remote, once, dryRun }: RunRequest,
  addresses: readonly string[],
  table: Table,
): Promise<FetchedFiles> {
  if (remote === undefined) throw new SourceError("Cannot fetch files here. Upload them instead.");
  const maxBytes = definition.source.max_download ?? remote.maxBytes;
  return await fetchFiles(withLedger, {
    ...{ definition, addresses, spoolFolder, access: { ...remote, maxBytes } },
    // A dry run has to show what the file is like.
    always: once === false || dryRun,
  }, table);
}

interface Found {
  readonly settings: UserSettings;
  readonly table: Table;
}

/** The table, and the settings that the run will have. */
async function findTable(
  { session, schemaName }: Ledger,
  { definition, origin, patience }: RunRequest,
): Promise<Found> {
  const settings = await settingsFor(session, definition, origin);
  return {
    settings,
    table: await readTable(session, { definition, settings }, schemaName, patience),
  };
}

/** Checks that the file fits the table. */
async function planFor(
  { definition, user, origin }: RunRequest,
  { source, name, missing }: RunFile,
  { settings, table }: Found,
): Promise<readonly FittedRoute[]> {
  const run = { id: 0, definition, header: source.header, user_id: user, settings, source };
  try {
    const fitted = fit(run, table, origin);
    refuseMissing(source.header, readersIn(fitted), missing);
    return routesIn(fitted);
  } catch (error) {
    if (!(error instanceof HeaderMismatch)) throw error;
    throw await withHint(error, table, { run, source, name });
  }
}

/** `once`: the table, if the file must not be loaded twice. */
async function create(
  ledger: Ledger,
  wanted: NewRun,
  once: Table | null,
  alongside: Alongside | undefined,
): Promise<Run> {
  const { definition, fingerprint, checksum } = wanted;
  const identity = once && fingerprint !== null && checksum !== null
    ? { fingerprint, checksum }
    : null;
  if (identity === null && alongside === undefined) return await createRun(ledger, wanted);
  return await ledger.transaction(async () => {
    if (once && identity) {
      await holdFingerprint(ledger, identity.fingerprint);
      await refuseLoaded(ledger, definition, once, identity);
    }
    const run = await createRun(ledger, wanted);
    await alongside?.(ledger, run.id);
    return run;
  });
}
