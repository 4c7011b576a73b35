/** A page of the list of runs: the answer of `GET /`, and what `runs --json` prints. */
import type { Ledger } from "../ledger/ledger.ts";
import type { RunStatus } from "../ledger/runs/statuses.ts";
import { listReport, type Wording } from "./run_report.ts";
import type { RunReport } from "./report_schema.ts";

/** The base path of the HTTP API, for links. */
export const BASE_PATH = "/api/v1/ingest";

export interface PageFilter {
  readonly status?: RunStatus;
  readonly importer?: string;
  /** Only importers that are LIKE one of these; null: all. */
  readonly importersLike?: readonly string[] | null;
  readonly cursor?: string;
  readonly limit: number;
}

export interface RunPage {
  readonly data: RunReport[];
  /** Complete paths with their queries. */
  readonly links: { readonly self: string; readonly next: string | null };
  readonly meta: { readonly limit: number; readonly next_cursor: string | null };
}

/** Latest first. */
export async function runPage(
  ledger: Ledger,
  filter: PageFilter,
  word?: Wording,
): Promise<RunPage> {
  const { status, importer, importersLike = null, cursor, limit } = filter;
  const found = await listReport(ledger, {
    status: status ?? null,
    importer: importer ?? null,
    importersLike,
    before: cursor === undefined ? null : Number(cursor),
    limit: limit + 1,
  }, word);
  return toPage(found, filter);
}

/** Of a database that has no runs. */
export function emptyPage(filter: PageFilter): RunPage {
  return toPage([], filter);
}

function toPage(
  found: readonly RunReport[],
  { status, importer, cursor, limit }: PageFilter,
): RunPage {
  const data = found.slice(0, limit);
  const next_cursor = found.length > limit ? String(data[limit - 1].id) : null;
  const link = (from: string | undefined) => {
    const given = Object.entries({ status, importer, limit: String(limit), cursor: from });
    const query = new URLSearchParams(
      given.flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
    );
    return `${BASE_PATH}?${query}`;
  };
  const links = { self: link(cursor), next: next_cursor === null ? null : link(next_cursor) };
  return { data, links, meta: { limit, next_cursor } };
}
