/** Where a file goes, and how it is read: what the address of the page says. */
import { z } from "zod";

/** What may be said about the file instead of its definition. */
export const READING = [
  "delimiter",
  "quote",
  "encoding",
  "sheet",
  "member",
  "records",
  "skip_lines",
] as const;

export type Reading = (typeof READING)[number];

export interface Target {
  /** Null: none is chosen. */
  readonly importer: string | null;
  /** Instead of an importer. */
  readonly table: string | null;
  /** Columns of the table, for a table without an importer. */
  readonly key: readonly string[];
  readonly onDuplicate: string | null;
  readonly reading: Readonly<Partial<Record<Reading, string>>>;
}

const names = z.array(z.string());

/** What can't be right is left out: somebody has edited the address. */
export function readTarget(query: Readonly<Record<string, string>>): Target {
  const given = (name: string) => query[name] === "" ? null : query[name] ?? null;
  const importer = given("importer");
  const table = importer === null ? given("table") : null;
  return {
    ...{ importer, table },
    key: table === null ? [] : readKey(query.key),
    onDuplicate: table === null ? null : given("on_duplicate"),
    reading: Object.fromEntries(READING.flatMap((name) => {
      const value = given(name);
      return value === null || value === "auto" ? [] : [[name, value]];
    })),
  };
}

/** One value, so that a `<select>` can hold it: `["email","code"]`. */
export function writtenKey(columns: readonly string[]): string {
  return columns.length === 0 ? "" : JSON.stringify(columns);
}

function readKey(text: string | undefined): readonly string[] {
  try {
    return names.parse(JSON.parse(text ?? "[]"));
  } catch {
    return [];
  }
}

/** The query of the page. `all`: not empty if all columns are to be shown. */
export function pageQuery(
  { importer, table, key, onDuplicate, reading }: Target,
  all = "",
): string {
  const said = {
    importer,
    table,
    key: writtenKey(key),
    on_duplicate: onDuplicate,
    ...reading,
    all,
  };
  const query = new URLSearchParams(
    Object.entries(said).flatMap(([name, value]) => value ? [[name, value]] : []),
  );
  return query.size === 0 ? "" : `?${query}`;
}

/** The same for the API: `upload` or `preview`. Null if nothing is chosen. */
export function apiPath(
  what: "upload" | "preview",
  { importer, table, key, onDuplicate, reading }: Target,
): string | null {
  const query = new URLSearchParams(reading);
  if (importer !== null) {
    return `/${what}/${encodeURIComponent(importer)}${query.size === 0 ? "" : `?${query}`}`;
  }
  if (table === null) return null;
  query.set("table", table);
  for (const column of key) query.append("key", column);
  if (onDuplicate !== null && key.length > 0) query.set("on_duplicate", onDuplicate);
  return `/${what}?${query}`;
}

export interface Advice {
  readonly text: string;
  /** The page that follows it. */
  readonly to: string;
}

/** As messages of the API write it: `skip_lines=1`, with its quotes. */
const ADVISED = /`(delimiter|quote|encoding|sheet|skip_lines)=([^`]+)`/gu;

/** What messages say should be done about how the file is read, as links that do it. */
export function adviceIn(texts: readonly string[], target: Target): readonly Advice[] {
  const advised = new Map<string, Advice>();
  for (const [, name, written] of texts.flatMap((text) => [...text.matchAll(ADVISED)])) {
    const value = name === "sheet" ? written.replace(/^"(.*)"$/u, "$1") : written;
    const to = `/import${pageQuery({ ...target, reading: { ...target.reading, [name]: value } })}`;
    advised.set(to, { text: wordsFor(name, value), to });
  }
  return [...advised.values()];
}

function wordsFor(name: string, value: string): string {
  switch (name) {
    case "skip_lines":
      return value === "1" ? "Skip the first line" : `Skip the first ${value} lines`;
    case "delimiter":
      return `Separate the columns at ${value}`;
    case "sheet":
      return `Read the sheet ${value}`;
    case "quote":
      return value === "none" ? "Take quotes for ordinary characters" : `Take ${value} for quotes`;
    default:
      return `Read it as ${value}`;
  }
}
