/** Which errors of a run a request is about: the groups, codes and columns that it names. */
import { mappedRules } from "../../importer/column_mapping.ts";
import { normaliseName } from "../../importer/key.ts";
import {
  chooseRows,
  type ChosenGroup,
  findGroup,
  listGroups,
} from "../../ledger/groups/chosen_errors.ts";
import { rangesOfFiles } from "./ranges_of_files.ts";
import type { ErrorChoice } from "../../ledger/groups/error_choice.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Run } from "../../ledger/runs/runs.ts";
import { readUnlogged } from "../../ledger/rows/unlogged_rows.ts";

/** Each list as it was given. An empty one says nothing. */
export interface ErrorsAsked {
  readonly groups: readonly string[];
  readonly codes: readonly string[];
  readonly columns: readonly string[];
  /** Names of the run's files, if it reads several. */
  readonly files?: readonly string[];
}

export interface ChosenErrors extends ErrorChoice {
  /** `group 3f9a12`, `code type and column email`: completes "… of run 12". */
  readonly words: string;
  /** The same as options of a command. */
  readonly options: string;
}

export function asksNothing({ groups, codes, columns, files = [] }: ErrorsAsked): boolean {
  return groups.length + codes.length + columns.length + files.length === 0;
}

/** A group that a request names. The message is one line that says what to do. */
export class NoSuchGroup extends Error {
  override readonly name = "NoSuchGroup";
}

/** Several groups begin like this. */
export class AmbiguousGroup extends Error {
  override readonly name = "AmbiguousGroup";
}

/** Null if the request names nothing. Throws NoSuchGroup and AmbiguousGroup. */
export async function chooseErrors(
  ledger: Ledger,
  run: Run,
  asked: ErrorsAsked,
): Promise<ChosenErrors | null> {
  if (asksNothing(asked)) return null;
  const known = await listGroups(ledger, run.id);
  const groups: string[] = [];
  for (const prefix of asked.groups) groups.push(await findId(ledger, run, known, prefix));
  const short = shortenIds(known.map(({ id }) => id), groups);
  const columns = asked.columns.flatMap((name) => targetsOf(run, name, known));
  const { files = [] } = asked;
  const ranges = files.length === 0 ? {} : { ranges: await rangesOfFiles(ledger, run, files) };
  return {
    groups: groups.length === 0 ? null : groups,
    codes: asked.codes.length === 0 ? null : asked.codes,
    columns: columns.length === 0 ? null : columns,
    ...ranges,
    words: wordsOf({ ...asked, groups: short }),
    options: optionsOf({ ...asked, groups: short }),
  };
}

async function findId(
  ledger: Ledger,
  { id, importer }: Run,
  known: readonly ChosenGroup[],
  given: string,
): Promise<string> {
  const prefix = given.toLowerCase();
  const ids = [...new Set(known.map((group) => group.id))].filter((each) =>
    each.startsWith(prefix)
  );
  if (ids.length === 1) return ids[0];
  if (ids.length > 1) {
    throw new AmbiguousGroup(
      `${ids.length} groups of run ${id} begin with ${prefix}: ${shortenIds(ids).join(", ")}. ` +
        "Give more digits.",
    );
  }
  const elsewhere = await findGroup(ledger, prefix);
  const lists = `\`ingest errors ${id}\` lists its groups.`;
  if (elsewhere === null) throw new NoSuchGroup(`Run ${id} has no group ${prefix}. ${lists}`);
  // Whoever may see this run may not see those of all importers.
  const other = elsewhere.importer === importer
    ? `run ${elsewhere.run} has it`
    : "another run has it";
  throw new NoSuchGroup(`Run ${id} has no group ${prefix}, ${other}. ${lists}`);
}

/** The table's columns that a name stands for: their own, or the file's. */
function targetsOf({ definition }: Run, name: string, known: readonly ChosenGroup[]): string[] {
  const columns = mappedRules(definition);
  const targets = new Set(Object.keys(columns));
  for (const { column } of known) if (column !== null) targets.add(column);
  if (targets.has(name)) return [name];
  const wanted = normaliseName(name);
  const meant = [...targets].filter((target) => {
    const from = Object.hasOwn(columns, target) ? columns[target].from : [];
    return [target, ...from].some((each) => normaliseName(each) === wanted);
  });
  return meant.length === 0 ? [name] : meant;
}

function wordsOf({ groups, codes, columns, files = [] }: ErrorsAsked): string {
  const parts = [
    ...[["group", groups], ["code", codes], ["column", columns], ["file", files]] as const,
  ];
  return parts.filter(([, words]) => words.length > 0)
    .map(([name, words]) => `${name} ${words.join(" or ")}`).join(" and ");
}

function optionsOf({ groups, codes, columns, files = [] }: ErrorsAsked): string {
  const options = [["group", groups], ["code", codes], ["column", columns]] as const;
  return [
    ...options.flatMap(([name, words]) => words.map((word) => `--${name} ${inShell(word)}`)),
    ...files.map((name) => `--of-file ${quoted(name)}`),
  ].join(" ");
}

/** `--column` takes several names with commas between them, unless they are in quotes. */
function inShell(word: string): string {
  if (/^[\w.-]+$/u.test(word)) return word;
  return quoted(/[,"]/u.test(word) ? `"${word.replaceAll('"', '""')}"` : word);
}

function quoted(word: string): string {
  return /^[\w./-]+$/u.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** How many failed rows a request is about, whether they are fixed or not. */
export async function countChosen(
  ledger: Ledger,
  run: Run,
  chosen: ChosenErrors,
): Promise<Counted> {
  const rows = await chooseRows(ledger, run.id, chosen);
  const unlogged = rows.and(await readUnlogged(ledger, run)).size;
  return { words: chosen.words, options: chosen.options, rows: rows.size, unlogged };
}

export interface Counted extends Pick<ChosenErrors, "words" | "options"> {
  readonly rows: number;
  /** Of them: those that are not kept. */
  readonly unlogged: number;
}

/** Why a request that names errors has nothing to do. */
export async function nothingChosen(
  ledger: Ledger,
  run: Run,
  { words }: Pick<ChosenErrors, "words">,
): Promise<string> {
  const groups = await listGroups(ledger, run.id);
  if (groups.length === 0) return `No row of run ${run.id} has failed.`;
  const columns = unique(groups.map(({ column }) => column));
  const codes = unique(groups.map(({ code }) => code));
  const about = columns.length === 0 ? "" : `; the columns: ${columns.join(", ")}`;
  return `No failed row of run ${run.id} has ${words}. Its errors have the codes: ` +
    `${codes.join(", ")}${about}.`;
}

const MOST_NAMES = 20;

function unique(names: readonly (string | null)[]): string[] {
  const all = [...new Set(names.filter((name) => name !== null))].sort();
  return all.length <= MOST_NAMES ? all : [...all.slice(0, MOST_NAMES), "…"];
}

/**
 * Ids as people get to see them: at least six digits, and more where two of `all` would look alike.
 */
export function shortenIds(all: readonly string[], ids = all): string[] {
  const sorted = [...new Set(all)].sort();
  return ids.map((id) => {
    const at = sorted.indexOf(id);
    const shared = [sorted[at - 1], sorted[at + 1]].map((other) => commonDigits(id, other));
    return id.slice(0, Math.max(SHOWN_DIGITS, 1 + Math.max(...shared)));
  });
}

const SHOWN_DIGITS = 6;

function commonDigits(one: string, other: string | undefined): number {
  let same = 0;
  while (other !== undefined && same < one.length && one[same] === other[same]) same++;
  return same;
}
