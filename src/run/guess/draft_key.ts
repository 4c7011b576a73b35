/** Which columns tell the rows of a file apart. */
import type { Table, UniqueIndex } from "../../load/catalog/table.ts";
import type { DraftedColumn } from "./draft_column.ts";
import { count, quoted } from "./evidence.ts";
import type { FileFacts } from "./file_facts.ts";
import type { Uniqueness } from "./repeats.ts";

export interface DraftKey {
  readonly key: readonly string[];
  readonly comments: readonly string[];
}

/** Indexes that could be a definition's key, the best one first. */
export function keyIndexes(
  table: Table,
): readonly (UniqueIndex & { columns: readonly string[] })[] {
  const isNumbered = (name: string) => {
    const column = table.columns.find((each) => each.name === name);
    return column !== undefined && (column.identity !== null || column.sequence !== null);
  };
  return table.uniqueIndexes
    .filter((index): index is UniqueIndex & { columns: readonly string[] } =>
      index.columns !== null && !index.partial
    )
    // A number that Postgres gives says nothing about the file's rows, unless it came from here.
    .toSorted((a, b) => rank(a) - rank(b));

  function rank({ columns, primary }: { columns: readonly string[]; primary: boolean }): number {
    return (columns.some(isNumbered) ? 2 : 0) + (primary ? 0 : 1);
  }
}

/** The first unique index of the table that the file fills without a repetition. */
export function draftKey(
  table: Table | null,
  columns: readonly DraftedColumn[],
  file: FileFacts,
): DraftKey {
  const candidates = columns.filter(({ facts }) =>
    facts.uniqueness.kind === "unique" && facts.empty === 0 && facts.filled > 1
  );
  const could = candidates.length === 0 ? [] : [
    `Filled in every row, and no value twice: ${
      candidates.slice(0, 10).map(({ target }) => quoted(target)).join(", ")
    }`,
  ];
  const comments: string[] = [];
  for (const index of table === null ? [] : keyIndexes(table)) {
    const parts = index.columns.map((name) => columns.find(({ target }) => target === name));
    if (!parts.every((part) => part !== undefined)) continue;
    const found = uniquenessOf(parts, file);
    const empty = parts.filter(({ facts }) => facts.empty > 0);
    const name = index.columns.join(", ");
    const what = index.primary ? "primary key" : "unique index";
    if (found.kind === "repeated") {
      comments.push(
        `The ${what} (${name}) is no key of this file: line ${found.line} repeats one.`,
      );
    } else if (empty.length > 0) {
      comments.push(
        `The ${what} (${name}) is no key of this file: ${empty[0].target} is empty in some rows.`,
      );
    } else {
      const how = found.kind === "unique"
        ? "no two rows of the file have the same"
        : `none comes twice in the first ${count(found.values)} rows`;
      return {
        key: index.columns,
        comments: [
          ...could,
          ...comments,
          `The table's ${what}; ${how}. A row that is there is skipped; or: on_duplicate: update`,
        ],
      };
    }
  }
  const hint = candidates.length === 0 ? [] : [
    `Without a key, loading a file twice makes its rows twice. key: [${candidates[0].target}]`,
  ];
  return { key: [], comments: [...could, ...comments, ...hint] };
}

function uniquenessOf(parts: readonly DraftedColumn[], { together }: FileFacts): Uniqueness {
  if (parts.length === 1) return parts[0].facts.uniqueness;
  const names = parts.map(({ target }) => target).join("\n");
  return together.find(({ columns }) => columns.join("\n") === names)?.found ??
    { kind: "unknown", values: 0 };
}
