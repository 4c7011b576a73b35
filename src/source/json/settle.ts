/** What is settled of a JSON source when it is opened: its layout, and the names of its fields. */
import type { SourceRule } from "../../importer/source_rule.ts";
import { SourceError } from "../error.ts";
import type { Defect } from "../record.ts";
import type { Sample } from "../record_format.ts";
import { JsonBoundaries } from "./boundaries.ts";
import { countLines } from "./bytes.ts";
import { chooseFields, MOST_KEYS, type Seen } from "./fields.ts";
import type { JsonFormat, JsonPath } from "./json_format.ts";
import { parsePath } from "./path_notation.ts";
import { pathTree } from "./path_tree.ts";
import { JsonReader } from "./reader.ts";
import { sniff } from "./sniff.ts";

export interface Settled {
  readonly format: JsonFormat;
  readonly names: readonly string[];
  readonly dataStart: number;
  readonly dataLine: number;
  readonly notes: readonly string[];
}

interface Known {
  readonly rule: SourceRule;
  readonly settled: Settled | null;
}

/** What was settled last for a sample: it is wanted several times. */
const KNOWN = new WeakMap<Sample, Known>();

/** Null if it is another format. Throws SourceError. */
export function settle(sample: Sample, rule: SourceRule, name: string): Settled | null {
  const known = KNOWN.get(sample);
  if (known?.rule === rule) return known.settled;
  const settled = settleAnew(sample, rule, name);
  KNOWN.set(sample, { rule, settled });
  return settled;
}

function settleAnew(sample: Sample, rule: SourceRule, name: string): Settled | null {
  const sniffed = sniff(sample, rule, name);
  if (sniffed === null) return null;
  const { bytes, extent = null, wanted = [] } = sample;
  const layout = sniffed.kind === "lines" ? "lines" : "elements";
  const dataStart = extent?.start ?? sniffed.start;
  const dataLine = extent?.line ?? countLines(bytes, 0, dataStart) + 1;
  const records = extent?.path;
  const format: JsonFormat = { type: "json", layout, ...records && { records } };
  const end = Math.min(bytes.length, extent?.end ?? bytes.length);
  const isWhole = sample.isWhole || (extent !== null && extent.end <= bytes.length);
  const begin = bytes.subarray(Math.min(dataStart, end), end);
  const paths = wanted.flatMap(({ names }) => names.map(parsePath))
    .filter((path): path is JsonPath => path !== null && path.length > 1);
  const seen = look(begin, format, isWhole, paths, name, dataLine);
  const fields = chooseFields(seen, wanted);
  const isEmpty = Object.keys(fields.paths).length === 0;
  return {
    format: { ...format, ...!isEmpty && { paths: fields.paths } },
    names: fields.names,
    dataStart,
    dataLine,
    notes: [...(extent?.notes ?? []), ...fields.notes],
  };
}

function look(
  bytes: Uint8Array,
  format: JsonFormat,
  isWhole: boolean,
  paths: readonly JsonPath[],
  name: string,
  line: number,
): Seen {
  const names = paths.map((_, index) => String(index));
  const tree = pathTree(names, { paths: Object.fromEntries(names.map((n, i) => [n, paths[i]])) });
  const boundaries = new JsonBoundaries(format);
  boundaries.advance(bytes, 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, isWhole);
  // If not even the first record is complete, its beginning has to do.
  const end = boundaries.rows > 0 || isWhole ? boundaries.end : bytes.length;
  const at = { offset: 0, line, row: 1 };
  const reader = new JsonReader(
    bytes.subarray(0, end),
    format,
    tree,
    paths.length,
    at,
    undefined,
    true,
  );
  const keys = new Set<string>();
  const found = new Set<number>();
  let readable = 0;
  let first: { readonly defect: Defect; readonly line: number } | null = null;
  while (reader.next()) {
    if (reader.defect === null) readable++;
    else first ??= { defect: reader.defect, line: reader.line };
    if (reader.defect !== null && (readable > 0 || boundaries.rows > 0)) continue;
    for (const key of reader.others) if (keys.size < MOST_KEYS) keys.add(key);
    for (const index of reader.present()) found.add(index);
  }
  if (readable === 0 && first !== null && boundaries.rows > 0) throw unreadable(first, name);
  const places = new Set([...found].map((index) => JSON.stringify(paths[index])));
  if (readable > 0 && keys.size === 0 && isWhole) {
    throw new SourceError(
      `Cannot import ${name}: its objects have no keys, so there is nothing in it.`,
    );
  }
  return {
    keys,
    hasPath: (path) => places.has(JSON.stringify(path)),
    // Nothing can be said of a file without rows.
    areAll: isWhole && boundaries.rows > 0,
  };
}

function unreadable(
  { defect, line }: { readonly defect: Defect; readonly line: number },
  name: string,
): SourceError {
  const isOther = / where an object is expected/u.test(defect.message);
  const advice = isOther
    ? 'Give each row as an object, such as {"id": 1}.'
    : "Mend it, or say `source: {format: csv}` in the definition if the file is no JSON.";
  const shown = defect.value === undefined
    ? defect.message
    : defect.message.replace(/\.$/u, `: … ${defect.value} …`);
  return new SourceError(`Cannot import ${name} as JSON: line ${line}: ${shown} ${advice}`);
}
