/** What a definition says about one column of a file, for a column of the table. */
import { inlineYaml } from "../../importer/document/definition_edit.ts";
import type { Table, TableColumn } from "../../load/catalog/table.ts";
import type { ColumnFacts } from "./column_profile.ts";
import type { DraftColumn, DraftRule } from "./draft.ts";
import { evidenceOf, quoted, rows } from "./evidence.ts";
import { definitionRule } from "./new_table.ts";
import { readAs } from "./read_as.ts";
import { type ReadingRule, type ReadType } from "./reading.ts";

/** Beside a column, what has to be known about it elsewhere. */
export interface DraftedColumn extends DraftColumn {
  readonly facts: ColumnFacts;
  readonly column: TableColumn | null;
  readonly doubts: readonly string[];
  /** Texts that stand for NULL. */
  readonly nullWords: readonly string[];
}

const READ_AS: Readonly<Record<string, ReadType>> = {
  int2: "integer",
  int4: "integer",
  int8: "integer",
  numeric: "numeric",
  float4: "numeric",
  float8: "numeric",
  bool: "boolean",
  date: "date",
  time: "time",
  timetz: "time",
  timestamp: "timestamp",
  timestamptz: "timestamp",
  uuid: "uuid",
};

/** These mean no value wherever they stand. */
const HARD_NULL = /^(?:null|\\n|\(null\)|#n\/a)$/iu;

/** `referenced`: the values that its foreign key takes; null if it has none, or they are many. */
export function draftColumn(
  facts: ColumnFacts,
  column: TableColumn,
  referenced: ReadonlySet<string> | null,
  word: string,
  table: Table,
): DraftedColumn {
  const type = READ_AS[column.baseType] ?? null;
  const reading = type === null ? null : readAs(facts, type);
  const comments = [`${quoted(facts.name)}: ${evidenceOf(facts, reading, word)}`];
  const doubts: string[] = [];
  const doubt = (sentence: string) => {
    comments.push(sentence);
    doubts.push(`${column.name}: ${sentence}`);
  };
  let rule: DraftRule = reading === null ? {} : plainRule(definitionRule(reading));
  const instead: DraftRule[] = [];
  if (type !== null && reading === null && facts.filled > 0) {
    doubt(`The table's column is ${column.type}, and none of the values looks like one.`);
  }
  // A whole number in another notation would have a fraction, which the table doesn't take.
  if (reading !== null && reading.otherwise !== null && type !== "integer") {
    const other = plainRule({ ...definitionRule(reading), ...reading.otherwise });
    doubt(
      "The values can be read in two ways, and the file doesn't say which is right: " +
        `${inlineYaml(rule)} or ${inlineYaml(other)}.`,
    );
    instead.push(other);
  }
  if (column.enumLabels !== null) {
    rule = { ...rule, ...enumRule(facts, column.enumLabels, doubt) };
  }
  if (column.maxLength !== null && facts.longest > column.maxLength) {
    doubt(
      `The longest value has ${facts.longest} characters; the table takes ${column.maxLength}.`,
    );
  }
  const isNeeded = column.notNull && !column.hasDefault && column.identity === null;
  const nullWords = [...facts.nullWords.keys()]
    .filter((text) => (type !== null && reading !== null) || HARD_NULL.test(text));
  const missing = facts.empty + sum(nullWords.map((text) => facts.nullWords.get(text)!.count));
  if (isNeeded && missing > 0) {
    doubt(`${rows(missing)} without a value will fail, because the table wants one.`);
  }
  if (referenced !== null) checkReferences(facts, column, referenced, table, doubt);
  if (type === null && column.enumLabels === null && referenced === null) {
    instead.push(...textRules(facts));
  }
  return {
    ...{ target: column.name, source: facts.name, rule, comments, instead },
    ...{ facts, column, doubts, nullWords },
  };
}

/** A column for which there is no table yet. */
export function draftNewColumn(
  facts: ColumnFacts,
  target: string,
  rule: ReadingRule,
  why: string,
): DraftedColumn {
  return {
    ...{ target, source: facts.name, rule: plainRule(rule), facts, column: null },
    comments: [`${quoted(facts.name)}: ${why}`],
    instead: textRules(facts),
    doubts: [],
    nullWords: [],
  };
}

/** As JSON. */
export function plainRule(rule: ReadingRule): DraftRule {
  return JSON.parse(JSON.stringify(rule));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function enumRule(
  { words, nullWords }: ColumnFacts,
  labels: readonly string[],
  doubt: (sentence: string) => void,
): DraftRule {
  const texts = words === null ? null : [...words.keys()].filter((word) => !nullWords.has(word));
  if (texts === null) {
    doubt(`The table takes ${list(labels)}, and the file has many other texts.`);
    return {};
  }
  const isLabel = (text: string) => labels.includes(text);
  if (texts.every(isLabel)) return {};
  for (const [transform, change] of CASES) {
    if (texts.every((text) => isLabel(change(text)))) return { transform: [transform] };
  }
  doubt(
    `${list(texts.filter((text) => !isLabel(text)))} will fail: the table takes ${list(labels)}.`,
  );
  return {};
}

const CASES = [
  ["lower", (text: string) => text.toLowerCase()],
  ["upper", (text: string) => text.toUpperCase()],
] as const;

const MOST_LISTED = 10;

function list(texts: readonly string[]): string {
  const more = texts.length - MOST_LISTED;
  return texts.slice(0, MOST_LISTED).map(quoted).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function checkReferences(
  { sample }: ColumnFacts,
  { name }: TableColumn,
  referenced: ReadonlySet<string>,
  { foreignKeys }: Table,
  doubt: (sentence: string) => void,
): void {
  const key = foreignKeys.find(({ columns }) => columns.length === 1 && columns[0] === name);
  const lost = sample.filter((text) => !referenced.has(text));
  if (key === undefined || lost.length === 0) return;
  const place = `${key.referencedName}.${key.referencedColumns[0]}`;
  doubt(
    `${lost.length} of the first ${sample.length} different values are not in ${place}, such as ${
      list(lost.slice(0, 3))
    }.`,
  );
}

/** Checks that all texts pass, if they are of one kind, or few. */
function textRules(facts: ColumnFacts): readonly DraftRule[] {
  const { words, filled, forms } = facts;
  const rules: DraftRule[] = [];
  for (const type of ["email", "url"] as const) {
    let fits = 0;
    for (const [form, { count }] of forms) {
      if (form.kinds.some((kind) => kind.type === type)) fits += count;
    }
    if (fits > 0 && fits * 20 >= filled * 19) rules.push({ type });
  }
  if (words !== null && words.size > 1 && words.size <= 20 && filled >= words.size * 5) {
    const byCount = [...words].toSorted((a, b) => b[1] - a[1]).map(([text]) => text);
    rules.push({ one_of: byCount });
  }
  return rules;
}
