/** Tries what could make a run's failed rows right, and says for how many it would. */
import type { Json } from "../../../importer/document/definition_edit.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { readProgress } from "../../../ledger/runs/progress.ts";
import { countLeft, rootOf } from "../../../ledger/runs/retries.ts";
import { requireRun, type Run } from "../../../ledger/runs/runs.ts";
import { DEFAULT_COLUMN } from "../../../importer/definition.ts";
import type { Suggestions } from "../../../report/suggestion_schema.ts";
import { readTable } from "../../read_table.ts";
import { refuseUndone } from "../refuse/refuse_undone.ts";
import { Refused } from "../refuse/refused.ts";
import { suggestReading } from "../suggest_reading.ts";
import type { Candidate, Importers, Proposal, RefusedColumn } from "./candidate.ts";
import { type Choice, choose } from "./choose.ts";
import { collect, type Collected, type SeenColumn } from "./collect.ts";
import { countFixes } from "./fixes.ts";
import { type GoodRow, type GoodRows, readGoodRows, tryGoodRows } from "./good_rows.ts";
import { limitCandidates } from "./limits.ts";
import { measure, type Measured } from "./measure.ts";
import { notationCandidates } from "./notations.ts";
import { foreignKeyOf, referencedValues } from "./referenced.ts";
import { textCandidates } from "./texts.ts";
import { describe } from "./describe.ts";
import { notesOn, notesOnFile } from "./notes.ts";
import { Trial } from "./trial.ts";

export interface Proposals {
  readonly report: Suggestions;
  readonly proposals: readonly Proposal[];
  /** Null if there is nothing to try. */
  readonly base: Trial | null;
  /** How the file calls a column about which the definition says nothing. */
  readonly sourceOf: (column: string) => string;
}

/**
 * With the run's own definition, and the table as it is now. Throws Refused if the run logs no rows,
 * and TargetError, DefinitionError, DefinitionMismatch, HeaderMismatch,
 * TableLocked.
 */
export async function propose(ledger: Ledger, run: Run, importers: Importers): Promise<Proposals> {
  await refuseUndone(ledger, run, `Cannot suggest anything for run ${run.id}`);
  const { failed } = await readProgress(ledger, run.id);
  const { unresolved: left } = await countLeft(ledger, run, failed);
  const { hooks, tables } = run.definition;
  if (left === 0 || hooks !== undefined || tables !== undefined) {
    const why = left > 0 && tables !== undefined
      ? `Nothing is suggested for run ${run.id}: its rows go into several tables, and only columns of ` +
        "one can be looked at."
      : left > 0
      ? `Nothing is suggested for run ${run.id}: what its hooks (${hooks?.file}) make of a value is not ` +
        "known here."
      : failed === 0
      ? `Run ${run.id} has no failed rows: there is nothing to suggest.`
      : `Every failed row of run ${run.id} is fixed or waived: there is nothing to suggest.`;
    const report = { failed: left, looked_at: 0, suggestions: [], together: 0, notes: [why] };
    return { report, proposals: [], base: null, sourceOf: (column) => column };
  }
  if (run.definition.options.log_rows === "none") {
    throw new Refused(
      `Cannot suggest anything for run ${run.id}: it logs no rows (options.log_rows: none).`,
    );
  }
  const root = await requireRun(ledger, rootOf(run));
  const table = await readTable(ledger.session, run, ledger.schemaName);
  const base = new Trial(run, run.definition, table);
  const sourceOf = (column: string) => {
    const [field] = base.program(column)?.fields ?? [];
    return field === undefined ? column : run.header[field];
  };
  const found = await collect(ledger, run, base);
  const { successful } = await readProgress(ledger, root.id);
  const good = await readGoodRows(ledger, root, base);
  const choices = await chooseAll(ledger, run, base, found, good, successful > 0, sourceOf);
  const [candidates, partners] = flatten(choices);
  const together = choices.map(({ candidate }) => candidate);
  const { measured, together: right } = await measure(
    ledger,
    run,
    base,
    candidates,
    together,
    sourceOf,
  );
  const kept = ranked(candidates.map((candidate, i) => ({
    candidate,
    measured: measured[i],
    partners: partners[i],
    good: good && tryGoodRows(run, base, good, candidate, sourceOf),
  })));
  const cells = await countFixes(
    ledger,
    run,
    base,
    kept.map(({ candidate }) => candidate),
    sourceOf,
  );
  const proposals = kept.map(({ candidate, measured, good, excludes }, i) => ({
    candidate,
    suggested: describe(i + 1, run.definition, candidate, measured, good, excludes, cells[i]),
  }));
  const report: Suggestions = {
    failed: left,
    looked_at: found.rows,
    suggestions: proposals.map(({ suggested }) => suggested),
    together: right,
    notes: [
      ...notesOn(run, found, left, base, proposals),
      ...await notesOnFile(run, importers),
    ],
  };
  return { report, proposals, base, sourceOf };
}

/** How many of them say in which notation good values are. */
const GOOD_VALUES = 2_000;

async function chooseAll(
  ledger: Ledger,
  run: Run,
  base: Trial,
  found: Collected,
  good: readonly GoodRow[] | null,
  hasGood: boolean,
  sourceOf: (column: string) => string,
): Promise<readonly Choice[]> {
  const reading = suggestReading(
    found.unreadable,
    { format: run.source.format, header: run.header },
    run.definition.source,
  );
  const choices: Choice[] = reading === null ? [] : [{
    candidate: {
      column: null,
      edits: Object.entries(reading.reading).map(([key, set]) => ({
        at: { source: key },
        change: { set: set as Json },
      })),
      rivals: [],
    },
    alternatives: [],
  }];
  for (const seen of found.columns.values()) {
    const refused = refusedColumn(base, seen, hasGood, good ?? []);
    choices.push(...choose(run, base, refused, candidatesFor(refused, base), good ?? [], sourceOf));
  }
  for (const [column, seen] of found.foreign) {
    const foreignKey = foreignKeyOf(base.table, column);
    const referenced = foreignKey && await referencedValues(ledger.session, foreignKey);
    if (referenced === null) continue;
    const refused = { ...refusedColumn(base, seen, hasGood, good ?? []), foreignKey, referenced };
    choices.push(
      ...choose(run, base, refused, textCandidates(refused, base.definition), good ?? [], sourceOf),
    );
  }
  return choices;
}

function candidatesFor(refused: RefusedColumn, base: Trial): readonly Candidate[] {
  if (refused.rule.value !== null) return [];
  return [
    ...notationCandidates(refused),
    ...textCandidates(refused, base.definition),
    ...limitCandidates(refused, base.table),
  ];
}

function refusedColumn(
  base: Trial,
  { program, values, codes, messages, longest, shortest }: SeenColumn,
  hasGood: boolean,
  good: readonly GoodRow[],
): RefusedColumn {
  const { column, fields } = program;
  const rules = base.definition.columns ?? {};
  const texts = good.slice(0, GOOD_VALUES).map((row) => {
    const record = base.read(row);
    return record === null ? "" : fields.map((field) => record.text(field)).join(" ");
  });
  return {
    column,
    rule: Object.hasOwn(rules, column.name) ? rules[column.name] : DEFAULT_COLUMN,
    values: [...values.values()],
    codes,
    messages,
    longest,
    shortest,
    hasGood,
    good: texts,
    foreignKey: null,
    referenced: null,
    isKey: base.keyColumns.includes(column.name),
  };
}

/** All candidates, and with which others each of them collides, as indexes. */
function flatten(choices: readonly Choice[]) {
  const candidates: Candidate[] = [];
  const partners: number[][] = [];
  for (const { candidate, alternatives } of choices) {
    const first = candidates.length;
    const group = [candidate, ...alternatives];
    candidates.push(...group);
    partners.push(
      ...group.map((_, i) => group.map((_, j) => first + j).filter((k) => k !== first + i)),
    );
  }
  return [candidates, partners] as const;
}

interface Ranked {
  readonly candidate: Candidate;
  readonly measured: Measured;
  readonly partners: readonly number[];
  readonly good: GoodRows | null;
}

/** Those with a proof, most rows made right first. */
function ranked(all: readonly Ranked[]) {
  const kept = [...all.entries()].filter(([, { measured }]) => measured.values > 0)
    .sort(([, { measured: a }], [, { measured: b }]) =>
      b.rows + b.ambiguous - a.rows - a.ambiguous || b.values - a.values
    );
  const numbers = new Map(kept.map(([index], place) => [index, place + 1]));
  return kept.map(([, each]) => ({
    ...each,
    excludes: each.partners.flatMap((index) => numbers.get(index) ?? []),
  }));
}

/** A suggestion, as it is listed. Its number may be another one's by now. */
export interface SuggestionAsked {
  readonly column: string | null;
  readonly definition: readonly string[];
}

/** Throws Refused if it is no longer among them. `cannot`: what can't be done then. */
export function findProposal(
  { proposals }: Proposals,
  { column, definition }: SuggestionAsked,
  cannot: string,
): Proposal {
  const found = proposals.find(({ suggested }) =>
    suggested.column === column && suggested.definition.join("\n") === definition.join("\n")
  );
  if (found !== undefined) return found;
  throw new Refused(
    `${cannot}: there is no such suggestion any more. Look at the suggestions again.`,
  );
}

/** Nothing could be applied. */
export function noSuggestions(run: Run, { notes }: Suggestions): Refused {
  return new Refused(
    [`Cannot apply suggestions of run ${run.id}: there are none.`, ...notes].join(" "),
  );
}
