/** How a file would be understood, and its first rows as they would be loaded. Writes nothing. */
import { basename } from "node:path";
import type { Session } from "../../db/session.ts";
import { TableLocked } from "../../db/table_locked.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { Definition } from "../../importer/definition.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { HooksRule } from "../../importer/hooks_rule.ts";
import { isChosenByHooks } from "../../importer/routes/routes.ts";
import { wantedNames } from "../../importer/wanted_names.ts";
import type { Origin } from "../../importer/problem.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import type { Table } from "../../load/catalog/table.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { SourceError } from "../../source/error.ts";
import { formatWarnings, isDelimited } from "../../source/format.ts";
import type { EarlierLoad } from "../../ledger/runs/same_bytes.ts";
import { isConverted, type ResolvedSource } from "../../source/resolved_source.ts";
import { resolveSource } from "../../source/resolve.ts";
import { rowsOfFile } from "../file_names.ts";
import { fit, type Fitted, routesIn } from "../fit.ts";
import { lookAtTables } from "../read_table.ts";
import { settingsFor } from "../user_settings.ts";
import {
  type DescribedFit,
  describeFit,
  type FillableColumn,
  fillableIn,
} from "./described_fit.ts";
import { type Duplicates, findDuplicates, NotLookedUp } from "./duplicates.ts";
import { withHint } from "./header_hint.ts";
import { loadedBefore } from "./loaded_before.ts";
import { refuseNames } from "./refuse/refuse_names.ts";
import { withNames } from "./run_file.ts";
import {
  type DifferentFile,
  lookAtOthers,
  type LookedAtFile,
  type OtherFiles,
} from "./look/other_files.ts";
import { namesItsValues } from "./combine/layout.ts";
import { refusedTogether } from "./look/refused_together.ts";
import { PreviewLookups } from "./preview_lookups.ts";
import { firstRows, type LookedAt } from "./preview_rows.ts";
import type { RecordReader } from "../../source/record.ts";

export interface PreviewRequest {
  readonly definition: Definition;
  readonly origin?: Origin;
  readonly path: string;
  /** The file's own name, where `path` is a copy of it. */
  readonly name: string;
  readonly user: string | null;
  /** For a copy of a file that can't be read as it is; it is removed. */
  readonly folder: string;
  /** The file at `path` is only the beginning of the user's: what comes last may be cut. */
  readonly isBeginning: boolean;
  /** Bytes that a packed file may become, unless the definition says it. */
  readonly maxUnpacked?: number;
  /** How many of the first rows are shown. */
  readonly shown: number;
  /** Files that a run would read after it, of which only what is different is shown. */
  readonly others?: readonly LookedAtFile[];
}

/** Null: without a database, only the file is looked at. */
export type PreviewTable = {
  readonly session: Session;
  readonly ledgerSchema: string;
  /** A table that somebody has locked makes it throw TableLocked. Else it is one of the problems. */
  readonly lockedThrows?: boolean;
  /** Milliseconds to wait for such a table; undefined: as long as usual. */
  readonly patience?: number;
} | null;

export interface Preview {
  readonly source: ResolvedSource;
  /** Why a run would be refused. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly rows: LookedAt;
  /** Null if rows have no key, or if it takes too long to tell, which is a warning. */
  readonly duplicates: Duplicates | null;
  /** A run that has loaded the same bytes into the table. Null if only a beginning was sent. */
  readonly loadedBefore: EarlierLoad | null;
  /** Files that aren't like this one; null if there is no other. */
  readonly different: readonly DifferentFile[] | null;
  /** Null if the table can't be read, if there are several, or without a database. */
  readonly columns: readonly FillableColumn[] | null;
  /** Null if the file doesn't fit the table, or without a database. */
  readonly fitted: DescribedFit | null;
}

function notCalled({ file }: HooksRule, choosesTable: boolean): string {
  if (choosesTable) {
    return `Hooks are not called here, and ${file} says which table takes a row: the rows are shown ` +
      "as the file has them. A dry run calls them.";
  }
  return `Hooks are not called here: the rows are shown without what ${file} changes or refuses. ` +
    "A dry run calls them.";
}

/** Throws SourceError if the file can't be opened, TableLocked, and errors of the database. */
export async function preview(request: PreviewRequest, table: PreviewTable): Promise<Preview> {
  const { path, name, folder, definition, isBeginning, maxUnpacked } = request;
  const how = { name, isBeginning, isLook: true, maxUnpacked, wanted: wantedNames(definition) };
  const first = await resolveSource(path, definition.source, folder, how);
  const { source: opened, isCut } = first;
  let source = opened;
  try {
    const others = request.others === undefined
      ? null
      : await lookAtOthers({ path, name, isBeginning, opened: first }, request.others, request);
    // What one file doesn't have, it doesn't mean.
    if (others?.layout && namesItsValues(others.layout)) source = { ...source, ...others.layout };
    const fit = table === null ? null : await fitFile(request, source, table, others);
    if (fit?.table) source = withNames(source, fit.table.columns);
    const fitted = fit?.fits === true ? fit : null;
    const askLookups = async (records: RecordReader) =>
      fitted === null || table === null ? null : await PreviewLookups.ask(
        table.session,
        fitted.settings,
        routesIn(fitted).flatMap(({ pipeline }) => pipeline.programs),
        records,
      );
    const how = { shown: request.shown, isBeginning: isCut, askLookups };
    const isTold = !isChosenByHooks(definition);
    const rows = await firstRows(source, definition, isTold ? fitted : null, how);
    const { notLookedUp, ...compared } = await compareWithLoaded(request, fitted, rows, table);
    return {
      source,
      problems: [...others?.problems ?? [], ...fit?.problems ?? []],
      warnings: [
        ...(source.notes ?? []),
        ...(others?.notes ?? []),
        ...source.broken === undefined ? [] : [source.broken],
        ...formatWarnings(source.format, definition.source),
        ...(source.header.length === 1 && isDelimited(source.format) ? [ONE_COLUMN] : []),
        ...(fitted?.warnings ?? []),
        ...(definition.hooks === undefined ? [] : [notCalled(definition.hooks, !isTold)]),
        ...rows.advice,
        ...notLookedUp,
      ],
      rows,
      ...compared,
      different: others && others.different,
      columns: fillableIn(fit?.table ?? null),
      fitted: fitted && describeFit(fitted, source, definition),
    };
  } finally {
    if (isConverted(opened, path)) await Deno.remove(opened.path);
  }
}

const ONE_COLUMN = "The file has only one column. If it should have more, " +
  "name the delimiter with --delimiter, or in the definition.";

interface Misfit {
  readonly fits: false;
  readonly problems: readonly string[];
  /** Null if it can't be read. */
  readonly table: Table | null;
}

interface Fit extends Fitted {
  readonly fits: true;
  readonly table: Table;
  readonly settings: UserSettings;
  /** Why it can't be loaded together with the other files. */
  readonly problems: readonly string[];
}

/** What the table and the ledger know of these rows and of this file. */
async function compareWithLoaded(
  { path, isBeginning, others }: PreviewRequest,
  fit: Fit | null,
  rows: LookedAt,
  table: PreviewTable,
): Promise<Pick<Preview, "duplicates" | "loadedBefore"> & { notLookedUp: readonly string[] }> {
  if (fit === null || table === null) {
    return { duplicates: null, loadedBefore: null, notLookedUp: [] };
  }
  const { session, ledgerSchema } = table;
  const notLookedUp: string[] = [];
  let duplicates: Duplicates | null = null;
  try {
    // Of rows that go into several tables, a dry run tells.
    if (fit.routes === null) duplicates = await findDuplicates(session, fit, rows.all);
  } catch (error) {
    if (!(error instanceof NotLookedUp)) throw error;
    notLookedUp.push(error.message);
  }
  return {
    ...{ duplicates, notLookedUp },
    loadedBefore: isBeginning || others !== undefined
      ? null
      : await loadedBefore(session, ledgerSchema, { path, table: fit.table }),
  };
}

async function fitFile(
  { definition, origin, user, name, others = [] }: PreviewRequest,
  opened: ResolvedSource,
  { session, ledgerSchema, lockedThrows = false, patience }: NonNullable<PreviewTable>,
  together: OtherFiles | null,
): Promise<Fit | Misfit> {
  let table: Table | null = null;
  try {
    const settings = await settingsFor(session, definition, origin);
    table = await lookAtTables(session, settings, definition, ledgerSchema, patience);
    const source = withNames(opened, table.columns);
    const names = rowsOfFile(definition, basename(name), source.format);
    const run = {
      id: 0,
      definition,
      header: source.header,
      user_id: user,
      settings,
      source,
      names,
    };
    try {
      refuseNames(definition, [{ name }, ...others].map((file) => basename(file.name)));
      const problems = refusedTogether(run, together, table, origin);
      return { fits: true, table, settings, problems, ...fit(run, table, origin) };
    } catch (error) {
      if (!(error instanceof HeaderMismatch)) throw error;
      throw await withHint(error, table, { run, source, name });
    }
  } catch (error) {
    if (error instanceof DefinitionError) {
      return { fits: false, table, problems: error.problems.map(({ message }) => message) };
    }
    const isMismatch = error instanceof HeaderMismatch || error instanceof SourceError ||
      error instanceof DefinitionMismatch ||
      error instanceof TargetError || (error instanceof TableLocked && !lockedThrows);
    if (isMismatch) return { fits: false, table, problems: [error.message] };
    throw error;
  }
}
