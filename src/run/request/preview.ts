/** How a file would be understood, and its first rows as they would be loaded. Writes nothing. */
import type { Session } from "../../db/session.ts";
import { TableLocked } from "../../db/table_locked.ts";
import type { UserSettings } from "../../db/session_settings.ts";
import type { Definition } from "../../importer/definition.ts";
import { DefinitionError } from "../../importer/definition_errors.ts";
import type { Origin } from "../../importer/problem.ts";
import { TargetError } from "../../load/catalog/introspect.ts";
import type { Table } from "../../load/catalog/table.ts";
import { type CompiledPipeline, DefinitionMismatch, HeaderMismatch } from "../../row/compile.ts";
import { formatWarnings } from "../../source/format.ts";
import { isConverted, type ResolvedSource, resolveSource } from "../../source/open.ts";
import { fit } from "../program.ts";
import { lookAtTable } from "../read_table.ts";
import { settingsFor } from "../user_settings.ts";
import { localTimeZone } from "./compare.ts";
import { withHint } from "./header_hint.ts";
import { firstRows, type LookedAt } from "./preview_rows.ts";

export interface PreviewRequest {
  readonly definition: Definition;
  readonly origin?: Origin;
  readonly path: string;
  /** The file's own name, where `path` is a copy of it. */
  readonly name: string;
  readonly user: string | null;
  /** For a copy of a file that can't be read as it is; it is removed. */
  readonly folder: string;
}

/** Null: without a database, only the file is looked at. */
export type PreviewTable = { readonly session: Session; readonly ledgerSchema: string } | null;

export interface MappedColumn {
  /** The table's column. */
  readonly column: string;
  readonly type: string;
  /** The file's columns; none for a constant or a default. */
  readonly from: readonly string[];
}

export interface Preview {
  readonly source: ResolvedSource;
  /** Why a run would be refused. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  /** Null if the file doesn't fit the table, or without a database. */
  readonly fitted: {
    readonly mapping: readonly MappedColumn[];
    /** Columns of the file, and of the table. */
    readonly notUsed: readonly string[];
    readonly notFilled: readonly string[];
    readonly rows: LookedAt;
    /** In which local times would be read; null if the table has no column for them. */
    readonly timeZone: string | null;
  } | null;
}

/** Throws SourceError if the file can't be opened, and errors of the database. */
export async function preview(request: PreviewRequest, table: PreviewTable): Promise<Preview> {
  const { path, name, folder, definition } = request;
  const { source } = await resolveSource(path, definition.source, folder, name);
  try {
    const notes = [
      ...(source.notes ?? []),
      ...formatWarnings(source.format, definition.source),
      ...(source.header.length === 1 ? [ONE_COLUMN] : []),
    ];
    if (table === null) return { source, problems: [], warnings: notes, fitted: null };
    const fit = await fitFile(request, source, table);
    if ("problems" in fit) return { source, ...fit, warnings: notes, fitted: null };
    const { pipeline } = fit;
    const rows = await firstRows(source, definition, pipeline);
    const warnings = [...notes, ...fit.warnings, ...rows.mistakes];
    const used = new Set(pipeline.programs.flatMap(({ fields }) => fields));
    const filled = new Set(pipeline.programs.map(({ target }) => target));
    const { columns } = fit.table;
    return {
      source,
      problems: [],
      warnings,
      fitted: {
        mapping: pipeline.programs.map(({ target, column, fields }) => ({
          column: target,
          type: column.type,
          from: fields.map((field) => source.header[field]),
        })),
        notUsed: source.header.filter((_, field) => !used.has(field)),
        notFilled: columns.map((column) => column.name).filter((column) => !filled.has(column)),
        rows,
        timeZone: localTimeZone(fit.table, fit.settings),
      },
    };
  } finally {
    if (isConverted(source, path)) await Deno.remove(source.path);
  }
}

const ONE_COLUMN = "The file has only one column. If it should have more, " +
  "name the delimiter with --delimiter, or in the definition.";

type Fit =
  | { readonly problems: readonly string[] }
  | {
    readonly table: Table;
    readonly settings: UserSettings;
    readonly pipeline: CompiledPipeline;
    readonly warnings: readonly string[];
  };

async function fitFile(
  { definition, origin, user, name }: PreviewRequest,
  source: ResolvedSource,
  { session, ledgerSchema }: NonNullable<PreviewTable>,
): Promise<Fit> {
  try {
    const settings = await settingsFor(session, definition, origin);
    const run = { id: 0, definition, header: source.header, user_id: user, settings };
    const table = await lookAtTable(session, settings, definition.table, ledgerSchema);
    try {
      return { table, settings, ...fit(run, table, origin) };
    } catch (error) {
      if (!(error instanceof HeaderMismatch)) throw error;
      throw await withHint(error, table, { run, source, name });
    }
  } catch (error) {
    if (error instanceof DefinitionError) {
      return { problems: error.problems.map(({ message }) => message) };
    }
    const isMismatch = error instanceof HeaderMismatch || error instanceof DefinitionMismatch ||
      error instanceof TargetError || error instanceof TableLocked;
    if (isMismatch) return { problems: [error.message] };
    throw error;
  }
}
