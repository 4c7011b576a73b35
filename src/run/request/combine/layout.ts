/** How the rows of several files are read together. */
import { isDeepStrictEqual } from "node:util";
import { SourceError } from "../../../source/error.ts";
import type { SourceFormat } from "../../../source/format.ts";
import type { ResolvedSource } from "../../../source/resolved_source.ts";

/** How the rows of a copy are read. */
export type Layout = Pick<ResolvedSource, "format" | "header">;

interface OpenedFile {
  readonly shown: string;
  readonly source: Layout;
}

/** As those of the first file, with the columns of all. Throws SourceError. */
export function commonLayout(opened: readonly OpenedFile[]): Layout {
  const [first] = opened;
  const kind = kindOf(first.source.format);
  const other = opened.find(({ source }) => kindOf(source.format) !== kind);
  if (other !== undefined) {
    throw new SourceError(
      `Cannot import ${first.shown} and ${other.shown} together: one is ${kind}, the other ` +
        `${kindOf(other.source.format)}. Import them one after the other.`,
    );
  }
  const others = opened.find(({ source }) =>
    !isDeepStrictEqual(source.header, first.source.header)
  );
  // An empty text would be written as NULL.
  if (first.source.format.type === "copy" && others !== undefined) {
    throw new SourceError(
      `Cannot import ${first.shown} and ${others.shown} together: their columns differ, in number or ` +
        "in order. Import them one after the other.",
    );
  }
  const header = [...new Set(opened.flatMap(({ source }) => source.header))];
  const paths = pathsOf(opened);
  const isEmpty = Object.keys(paths).length === 0;
  return { format: { ...first.source.format, ...!isEmpty && { paths } }, header };
}

/** Does a row that lacks a column have no value in it? Then no file need have it. */
export function namesItsValues({ format }: Layout): boolean {
  return format.type === "json";
}

/** Are a file's rows read in the layout as they stand? */
export function hasLayout({ format, header }: Layout, layout: Layout): boolean {
  if (namesItsValues(layout)) return true;
  return isDeepStrictEqual(header, layout.header) &&
    isDeepStrictEqual(plain(format), plain(layout.format));
}

/** What is only for messages, or says where the rows are: they are copied from there. */
function plain(format: SourceFormat) {
  return { ...format, encoding: undefined, sheet: undefined, block: undefined };
}

/** As people call it. */
function kindOf(format: SourceFormat): string {
  if (format.type !== "json") return format.type;
  return format.layout === "lines" ? "NDJSON" : "JSON";
}

/** Where values are that aren't simply called as their column. */
function pathsOf(opened: readonly OpenedFile[]) {
  const all = opened.flatMap(({ shown, source: { format } }) =>
    format.type === "json"
      ? Object.entries(format.paths ?? {}).map(([name, place]) => ({ shown, name, place }))
      : []
  );
  const paths = Object.fromEntries(all.map(({ name, place }) => [name, place]));
  const odd = all.find(({ name, place }) => !isDeepStrictEqual(paths[name], place));
  if (odd === undefined) return paths;
  throw new SourceError(
    `Cannot import these files together: ${JSON.stringify(odd.name)} means another value in ` +
      `${odd.shown} than in others. Import it by itself.`,
  );
}
