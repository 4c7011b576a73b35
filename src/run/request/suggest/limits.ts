/** Candidates that widen a limit, of the definition or of the table. */
import { identifier, qualified } from "../../../db/quoting.ts";
import type { Table, TableColumn } from "../../../load/catalog/table.ts";
import type { Candidate, RefusedColumn } from "./candidate.ts";
import { of } from "./notations.ts";

export function limitCandidates(refused: RefusedColumn, table: Table): readonly Candidate[] {
  const { codes, rule, column, values, longest, shortest } = refused;
  const one = (
    edits: Candidate["edits"],
    change?: Partial<TableColumn>,
    type?: string,
  ): Candidate => ({
    column: column.name,
    edits,
    rivals: [],
    ...change && type !== undefined && {
      table: {
        statement: `alter table ${qualified(table)} alter column ${
          identifier(column.name)
        } type ${type};`,
        changed: {
          ...table,
          columns: table.columns.map((each) =>
            each.name === column.name ? { ...each, ...change } : each
          ),
        },
      },
    },
  });
  const found: Candidate[] = [];
  if (codes.has("max_length")) {
    const ruled = rule.max_length !== null && longest > rule.max_length
      ? [of(refused, "max_length", { set: longest })]
      : [];
    const isNarrow = column.maxLength !== null && longest > column.maxLength;
    if (isNarrow && !column.isDomain) {
      const type = column.type.replace(/\(\d+\)/u, `(${longest})`);
      found.push(one(ruled, { maxLength: longest, type }, type));
    } else if (ruled.length > 0) found.push(one(ruled));
  }
  if (codes.has("min_length")) found.push(one([of(refused, "min_length", { set: shortest })]));
  const numbers = values.map(({ text }) => Number(text.trim())).filter(Number.isFinite);
  if (numbers.length > 0 && (codes.has("min") || codes.has("max"))) {
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    const edits = [
      ...(rule.min !== null && low < rule.min ? [of(refused, "min", { set: low })] : []),
      ...(rule.max !== null && high > rule.max ? [of(refused, "max", { set: high })] : []),
    ];
    if (edits.length > 0) found.push(one(edits));
  }
  if (
    codes.has("out_of_range") && !column.isDomain &&
    (column.baseType === "int2" || column.baseType === "int4")
  ) {
    found.push(one([], { baseType: "int8", type: "bigint" }, "bigint"));
  }
  if (
    codes.has("out_of_range") && !column.isDomain && column.precision !== null && numbers.length > 0
  ) {
    const scale = column.scale ?? 0;
    const whole = Math.max(...numbers.map((n) => String(Math.trunc(Math.abs(n))).length));
    const precision = whole + scale;
    if (precision <= 1000) {
      const type = `numeric(${precision},${scale})`;
      found.push(one([], { precision, type }, type));
    }
  }
  return [...found, ...missing(refused, one)];
}

function missing(
  refused: RefusedColumn,
  one: (edits: Candidate["edits"]) => Candidate,
): readonly Candidate[] {
  const { codes, rule, column, isKey } = refused;
  if (!codes.has("required") || isKey) return [];
  const isOptional = rule.required ? [of(refused, "required", { set: false })] : [];
  if (
    rule.default === null && rule.on_update !== "keep" &&
    (column.defaultExpression ?? null) !== null
  ) {
    return [one([...isOptional, of(refused, "empty", { set: "default" })])];
  }
  return isOptional.length > 0 && !column.notNull ? [one(isOptional)] : [];
}
