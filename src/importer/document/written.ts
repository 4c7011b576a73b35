/** A definition as people write it: only what differs from the defaults, with short forms. */
import { type AbsentRule, DEFAULT_MAX_ABSENT } from "../absent_rule.ts";
import { DEFAULT_OPTIONS } from "../complete/complete.ts";
import { writtenCondition } from "../condition/written.ts";
import { DEFAULT_SOURCE } from "../complete/complete_source.ts";
import {
  type ColumnRule,
  DEFAULT_COLUMN,
  type Definition,
  type KeepRule,
  type OptionsRule,
  PLAIN_TRANSFORMS,
  type RouteRule,
  type Transform,
} from "../definition.ts";
import type { SourceRule } from "../source_rule.ts";
import type { Json } from "./definition_edit.ts";

type Written = Readonly<Record<string, unknown>>;

/** As a document of YAML or JSON, without its slug. */
export function asWritten(definition: Definition): Written {
  const { key, key_where, on_duplicate, on_missing, compare, columns } = definition;
  const source = writtenSource(definition.source);
  const most = definition.on_absent?.most;
  const options = {
    ...writtenOptions(definition.options),
    ...most !== undefined && !isDefaultMost(most) && { max_absent: writtenLimit(most) },
    ...definition.on_absent?.despiteFailures && { absent_despite_failures: true },
  };
  return given({
    table: definition.tables === undefined ? definition.table : undefined,
    tables: definition.tables?.map((route) => writtenRoute(route, definition)),
    description: definition.description ?? undefined,
    time_zone: definition.time_zone ?? undefined,
    source: isEmpty(source) ? undefined : source,
    key: key.length === 0 ? undefined : key_where ? { columns: key, where: key_where } : key,
    on_duplicate: on_duplicate === (key.length === 0 ? "fail" : "skip") ? undefined : on_duplicate,
    on_missing: on_missing === "insert" ? undefined : on_missing,
    ...writtenAbsent(definition.on_absent),
    compare: compare ?? undefined,
    identity: definition.identity ?? undefined,
    columns: columns === null ? undefined : Object.fromEntries(
      Object.entries(columns).map(([name, rule]) => [name, writtenColumn(name, rule)]),
    ),
    options: isEmpty(options) ? undefined : options,
    hooks: definition.hooks && `./${definition.hooks.file}`,
  });
}

/** What a table says of its own: where it differs from what is shared, or from the defaults. */
function writtenRoute(route: RouteRule, shared: Definition): Written {
  const { table, when, key, key_where, on_duplicate, on_missing, compare, identity } = route;
  const usual = key.length === 0 ? "fail" : "skip";
  const isShared = (name: keyof RouteRule & keyof Definition) =>
    JSON.stringify(route[name]) === JSON.stringify(shared[name]);
  const columns = Object.entries(route.columns ?? {}).filter(([name, rule]) =>
    JSON.stringify(shared.columns?.[name]) !== JSON.stringify(rule)
  );
  return given({
    table,
    when: when === null ? undefined : writtenCondition(when),
    key: isShared("key") && isShared("key_where")
      ? undefined
      : key_where
      ? { columns: key, where: key_where }
      : key,
    on_duplicate: on_duplicate === usual && isShared("on_duplicate") ? undefined : on_duplicate,
    on_missing: isShared("on_missing") ? undefined : on_missing,
    compare: isShared("compare") ? undefined : compare,
    identity: isShared("identity") ? undefined : identity,
    columns: columns.length === 0
      ? undefined
      : Object.fromEntries(columns.map(([name, rule]) => [name, writtenColumn(name, rule)])),
  });
}

/** The options that differ from the defaults. */
export function writtenOptions(options: OptionsRule): Written {
  const { max_errors: most, undo_for: undoFor, hook_timeout: hookTime, keep, ...rest } = different(
    options,
    DEFAULT_OPTIONS,
  );
  return given({
    ...rest,
    max_errors: most && writtenLimit(most),
    undo_for: undoFor === undefined ? undefined : writtenAge(undoFor),
    hook_timeout: hookTime === undefined ? undefined : `${hookTime / 1000}s`,
    keep: keep && writtenKeep(keep),
  });
}

function writtenAbsent(absent: AbsentRule | undefined): Written {
  if (absent === undefined) return {};
  const scope = Object.entries(absent.scope).map(([column, values]) =>
    [column, values.length === 1 ? values[0] : values] as const
  );
  return {
    on_absent: absent.mark === null ? absent.do : { mark: absent.mark },
    scope: scope.length === 0 ? undefined : Object.fromEntries(scope),
  };
}

function isDefaultMost(most: AbsentRule["most"]): boolean {
  return JSON.stringify(most) === JSON.stringify(DEFAULT_MAX_ABSENT);
}

function writtenLimit(most: AbsentRule["most"]): string | number {
  return "percent" in most ? `${most.percent}%` : most.rows;
}

/** What is said about the file, where it differs from the defaults. */
export function writtenSource(source: SourceRule): Written {
  const { unquoted_nulls: unquoted, null_values: nulls, empty_is_null, ...rest } = source;
  const { delimiter, when, ...others } = different(rest, DEFAULT_SOURCE);
  const same = empty_is_null !== true &&
    JSON.stringify(nulls) === JSON.stringify(DEFAULT_SOURCE.null_values);
  return given({
    ...others,
    ...when && { when: writtenCondition(when) },
    delimiter: delimiter === "\t" ? "tab" : delimiter,
    null_values: unquoted !== undefined
      ? { unquoted, ...nulls.length > 0 && { any: nulls } }
      : same
      ? undefined
      : nulls,
  });
}

function writtenColumn(name: string, rule: ColumnRule): unknown {
  const { from, transform, when, ...rest } = different(rule, DEFAULT_COLUMN);
  const other = {
    ...rest,
    ...when && { when: writtenCondition(when) },
    ...transform && { transform: transform.map(writtenTransform) },
  };
  if (from === undefined || (from.length === 1 && from[0] === name)) return other;
  const short = from.length === 1 ? from[0] : from;
  return isEmpty(other) && from.length === 1 ? short : { from: short, ...other };
}

/** As a definition says it. */
export function writtenTransform(step: Transform): Json {
  if (isPlain(step)) return step.op;
  switch (step.op) {
    case "replace":
      return { replace: { pattern: step.pattern, with: step.with } };
    case "prefix":
    case "suffix":
      return { [step.op]: step.text };
    case "split":
      return { split: { by: step.by, index: step.index } };
    case "default":
      return { default: step.value };
    case "map":
      return { map: step.values };
    case "concat":
      return { concat: step.by };
  }
}

type Plain = Extract<Transform, { readonly op: (typeof PLAIN_TRANSFORMS)[number] }>;

function isPlain(step: Transform): step is Plain {
  return PLAIN_TRANSFORMS.some((name) => name === step.op);
}

function writtenKeep(keep: KeepRule): Written {
  return Object.fromEntries(
    Object.entries(keep).map(([what, age]) => [what, age === null ? "forever" : writtenAge(age)]),
  );
}

/** In milliseconds → `7d`. */
function writtenAge(age: number): string {
  const [unit, length] = AGES.find(([, length]) => age % length === 0) ?? ["s", 1000];
  return `${age / length}${unit}`;
}

const AGES = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000]] as const;

/** The parts of `value` that aren't those of `normal`. */
function different<Value extends object>(value: Value, normal: Value): Partial<Value> {
  const found: Partial<Value> = {};
  for (const key in value) {
    if (JSON.stringify(value[key]) !== JSON.stringify(normal[key])) found[key] = value[key];
  }
  return found;
}

function given(parts: Written): Written {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
}

function isEmpty(parts: object): boolean {
  return Object.keys(parts).length === 0;
}
