/** Compiles a run together with what its rows bring to other tables, as far as that can be compared. */
import type { Definition, NestedRule } from "../../../importer/definition.ts";
import { DefinitionError } from "../../../importer/definition_errors.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import type { ChildTable, FoundChildren, FoundLinks, Table } from "../../../load/catalog/table.ts";
import { mayRead } from "../../../load/readable.ts";
import { DefinitionMismatch, HeaderMismatch } from "../../../row/compile.ts";
import { prepareToCompareAll } from "../../prepare.ts";
import type { RunProgram } from "../../program.ts";
import { readTable } from "../../read_table.ts";
import { withoutLost } from "../compile.ts";

/** What of a table can't be compared, and why. */
export interface LeftOut {
  /** As the definition names it. */
  readonly table: string;
  readonly because: string;
  /** Its rows, or what tells them apart, are gone: then something is not as it was written. */
  readonly gone: boolean;
}

export interface RelatedRun {
  /** Of whatever is left. */
  readonly program: RunProgram;
  readonly leftOut: readonly LeftOut[];
}

/** Throws as `compileToVerify` does. */
export async function compileRelated(ledger: Ledger, run: Run): Promise<RelatedRun> {
  const table = await readTable(ledger.session, run, ledger.schemaName);
  const leftOut: LeftOut[] = [];
  const { many = [], nested = [], ...own } = withoutLost(run.definition, table);
  const parts = [
    ...many.flatMap((rule, index): Part[] => {
      const found = table.related?.[index];
      const problem = problemOfLinks(rule.pivot, found);
      const name = rule.pivot.table;
      if (problem !== null) leftOut.push({ table: name, ...problem });
      return problem !== null || found === undefined || "missing" in found ? [] : [{
        ...{ table: name, nested: [], children: [] },
        // To compare takes less than to write.
        ...{ many: [rule], related: [{ ...found, refusal: null }] },
      }];
    }),
    ...nested.flatMap((rule, index): Part[] => {
      const left = leaveOut(rule, table.children?.[index], leftOut);
      return left === null ? [] : [{
        ...{ table: rule.table, many: [], related: [] },
        ...{ nested: [left.rule], children: [left.found] },
      }];
    }),
  ];
  const compile = (chosen: readonly Part[]) => {
    const definition: Definition = {
      ...own,
      many: chosen.flatMap((part) => part.many),
      nested: chosen.flatMap((part) => part.nested),
    };
    const all = {
      ...table,
      related: chosen.flatMap((part) => part.related),
      children: chosen.flatMap((part) => part.children),
    };
    return prepareToCompareAll(ledger.session, { ...run, definition }, all);
  };
  const fitting = parts.filter((part) => {
    try {
      compile([part]);
      return true;
    } catch (error) {
      const isMismatch = [DefinitionError, DefinitionMismatch, HeaderMismatch]
        .some((kind) => error instanceof kind);
      if (!isMismatch || !(error instanceof Error)) throw error;
      leftOut.push({ table: part.table, because: error.message, gone: false });
      return false;
    }
  });
  return { program: compile(fitting), leftOut };
}

/** An entry of `many` or `nested`, with what was read of its table. */
interface Part {
  readonly table: string;
  readonly many: NonNullable<Definition["many"]>;
  readonly related: readonly FoundLinks[];
  readonly nested: readonly NestedRule[];
  readonly children: readonly FoundChildren[];
}

function problemOfLinks(
  { table, local, foreign, values }: NonNullable<Definition["many"]>[number]["pivot"],
  found: FoundLinks | undefined,
): Omit<LeftOut, "table"> | null {
  if (found === undefined || "missing" in found) return goneTable;
  const names = [local, foreign, ...Object.keys(values)];
  return problemOfColumns(names, found.table) ??
    (found.parent === null
      ? { because: `nothing says any more to what ${table}.${local} refers`, gone: true }
      : null);
}

const goneTable = { because: "the table is gone", gone: true };

function problemOfColumns(names: readonly string[], table: Table): Omit<LeftOut, "table"> | null {
  const lost = names.filter((name) => !hasColumn(table, name));
  if (lost.length > 0) {
    return { because: `the table no longer has the column ${lost.join(", ")}`, gone: true };
  }
  const hidden = names.filter((name) => !mayRead(table, name));
  return hidden.length === 0
    ? null
    : { because: `the role ${table.role} may not read ${hidden.join(", ")}`, gone: false };
}

/** Without what can't be compared, at any depth; null if that is all of it. */
function leaveOut(
  rule: NestedRule,
  found: FoundChildren | undefined,
  leftOut: LeftOut[],
): { readonly rule: NestedRule; readonly found: ChildTable } | null {
  if (found === undefined || "missing" in found) {
    leftOut.push({ table: rule.table, ...goneTable });
    return null;
  }
  const { table } = found;
  const needed = [...new Set([...Object.keys(rule.foreign_key), ...rule.key])];
  const problem = problemOfColumns(needed, table) ??
    (found.parents.includes(null)
      ? { because: "the table to whose rows they belong has lost a column", gone: true }
      : null);
  if (problem !== null) {
    leftOut.push({ table: rule.table, ...problem });
    return null;
  }
  const lost = Object.keys(rule.columns).filter((name) => !hasColumn(table, name));
  if (lost.length > 0) {
    const because =
      `the table no longer has ${lost.join(", ")}, which the run has filled; the rest ` +
      "of its rows is compared";
    leftOut.push({ table: rule.table, because, gone: false });
  }
  const inner = rule.nested.flatMap((each, index) => {
    const left = leaveOut(each, table.children?.[index], leftOut);
    return left === null ? [] : [left];
  });
  const columns = Object.entries(rule.columns).filter(([name]) => !lost.includes(name));
  return {
    rule: {
      ...rule,
      columns: Object.fromEntries(columns),
      nested: inner.map((each) => each.rule),
    },
    found: { ...found, table: { ...table, children: inner.map((each) => each.found) } },
  };
}

function hasColumn({ columns }: Table, name: string): boolean {
  return columns.some((column) => column.name === name);
}
