/** Files that a run would read together with the one that is looked at: where they differ from it. */
import { isDeepStrictEqual } from "node:util";
import type { Definition } from "../../../importer/definition.ts";
import { wantedNames } from "../../../importer/wanted_names.ts";
import { Alike } from "../../../source/alike.ts";
import { SourceError } from "../../../source/error.ts";
import { inWordsOf } from "../../../source/format.ts";
import {
  isConverted,
  type OpenedSource,
  type ResolvedSource,
} from "../../../source/resolved_source.ts";
import { resolveSource } from "../../../source/resolve.ts";
import { fileState } from "../../../source/unchanged.ts";
import { commonLayout, type Layout, namesItsValues } from "../combine/layout.ts";
import { missingColumns, namesWithin } from "../combine/names.ts";
import { notesOf } from "../combine/notes.ts";
import { differences } from "./differences.ts";

/** A file, or the beginning of one. */
export interface LookedAtFile {
  readonly path: string;
  /** As the user calls it. */
  readonly name: string;
  readonly isBeginning: boolean;
}

/** One that isn't like the first. */
export interface DifferentFile {
  readonly name: string;
  /** Columns of the first file that it lacks, and columns that the first file lacks. */
  readonly missing: readonly string[];
  readonly additional: readonly string[];
  /** How else it is read, each a few words. */
  readonly differences: readonly string[];
}

export interface OtherFiles {
  /** How all of them are read together; null if they can't be. */
  readonly layout: Layout | null;
  /** Names of files by a column that they lack. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
  readonly different: readonly DifferentFile[];
  /** Why a run would be refused, and what it would warn of. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

export interface Looking {
  readonly definition: Definition;
  /** For copies of files that can't be read as they are; they are removed. */
  readonly folder: string;
  readonly maxUnpacked?: number;
}

/** So many files that can't be opened are enough to know. */
const NAMED_PROBLEMS = 20;

/** `first`: is open. Throws what is no SourceError. */
export async function lookAtOthers(
  first: LookedAtFile & { readonly opened: OpenedSource },
  others: readonly LookedAtFile[],
  looking: Looking,
): Promise<OtherFiles> {
  const rule = looking.definition.source;
  const { source } = first.opened;
  const alike = first.isBeginning ? null : await Alike.to(first.opened, rule, first.name);
  const names = namesWithin([first, ...others].map(({ name }) => name));
  const files = [{ name: names[0], shown: first.name, source }];
  const different: DifferentFile[] = [];
  const problems: string[] = [];
  for (const [index, file] of others.entries()) {
    const name = names[index + 1];
    try {
      const found = await alike?.open(file.path, file.name) ?? null;
      const other = found?.source ?? await openOther(file, looking);
      if (other === null) {
        different.push({
          name,
          missing: [],
          additional: [],
          differences: ["no rows: it is empty"],
        });
        continue;
      }
      files.push({ name, shown: file.name, source: other });
      if (found === null) different.push(...compare(source, other, name));
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      problems.push(error.message);
      if (problems.length === NAMED_PROBLEMS) break;
    }
  }
  const layout = tryLayout(files, problems);
  return {
    layout,
    missing: layout === null || namesItsValues(layout)
      ? new Map()
      : missingColumns(files, layout.header),
    different,
    problems,
    notes: notesOf(files.slice(1)),
  };
}

/** Null: it has no bytes. A run takes that for a file without rows. */
async function openOther(
  { path, name, isBeginning }: LookedAtFile,
  { definition, folder, maxUnpacked }: Looking,
): Promise<ResolvedSource | null> {
  if ((await fileState(path))?.size === 0) return null;
  const how = { name, isBeginning, isLook: true, maxUnpacked, wanted: wantedNames(definition) };
  const { source } = await resolveSource(path, definition.source, folder, how);
  // Only what was found out is looked at.
  if (isConverted(source, path)) await Deno.remove(source.path);
  return source;
}

function compare(first: ResolvedSource, other: ResolvedSource, name: string): DifferentFile[] {
  const missing = first.header.filter((column) => !other.header.includes(column));
  const additional = other.header.filter((column) => !first.header.includes(column));
  const isMoved = missing.length + additional.length === 0 &&
    !isDeepStrictEqual(first.header, other.header);
  const found = [
    ...isMoved ? ["its columns are in another order"] : [],
    ...differences(first, other),
  ];
  const isSame = missing.length + additional.length + found.length === 0;
  return isSame ? [] : [{ name, missing, additional, differences: inWordsOf(other.format, found) }];
}

function tryLayout(
  files: readonly { readonly shown: string; readonly source: ResolvedSource }[],
  problems: string[],
): Layout | null {
  try {
    return commonLayout(files);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    problems.push(error.message);
    return null;
  }
}
