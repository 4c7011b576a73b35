/** `/`: all runs, the latest first, live. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { RUN_STATUSES, type RunStatus } from "../../../ledger/runs/statuses.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { hasOpenRuns, importersOfRuns } from "../../../ledger/runs/list_runs.ts";
import { listFamilies, type RunFamily } from "../../../report/run_family.ts";
import { listReport } from "../../../report/run_report.ts";
import { importerPatterns, mayUse } from "../../identity/principal.ts";
import { publicRun } from "../../answers/public_words.ts";
import { withoutOthers } from "../../runs_of.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import type { Viewer } from "../view.ts";
import { RunRow } from "./run_row.tsx";

/** Families on a page, unless their retries take its room. */
const PAGE = 30;
/** Runs in a page of less than 50 KB. */
const MOST_RUNS = 36;

interface Asked {
  readonly status: RunStatus | null;
  readonly importer: string | null;
  readonly before: number | null;
}

export function runsPage(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/", async (c, viewer) => {
    const asked = readQuery(c);
    const server = c.get("server");
    const isOpen = await server.withLedger(hasOpenRuns);
    return {
      title: "Runs",
      section: "runs",
      assets: ["styles/runs.css", "live.js"],
      ...(isOpen && { refresh: 3 }),
      body: () =>
        server.withLedger(async (ledger) => {
          const [families, importers] = await Promise.all([
            findRuns(c, ledger, asked),
            importersOfRuns(ledger),
          ]);
          const own = importers.filter((slug) => mayUse(viewer.principal, slug));
          return <Runs asked={asked} viewer={viewer} importers={own} families={families} />;
        }),
    };
  });
}

/** What can't be right is left out: somebody has edited the address. */
function readQuery(c: Context<RequestEnv>): Asked {
  const { status, importer, before } = c.req.query();
  return {
    status: RUN_STATUSES.find((known) => known === status) ?? null,
    importer: importer === undefined || importer === "" ? null : importer,
    before: /^[1-9]\d{0,14}$/u.test(before ?? "") ? Number(before) : null,
  };
}

/** One more than a page, if there are more. With a status, retries and undos stand for themselves. */
async function findRuns(
  c: Context<RequestEnv>,
  ledger: Ledger,
  asked: Asked,
): Promise<readonly RunFamily[]> {
  const filter = {
    ...asked,
    importersLike: importerPatterns(c.get("principal")),
    limit: PAGE + 1,
  };
  const families = asked.status === null
    ? await listFamilies(ledger, filter, publicRun)
    : (await listReport(ledger, filter, publicRun)).map((root) => ({ root, later: [] }));
  const shown = await withoutOthers(
    c,
    ledger,
    families.flatMap(({ root, later }) => [root, ...later]),
  );
  const byId = new Map(shown.map((run) => [run.id, run]));
  return families.map(({ root, later }) => ({
    root: byId.get(root.id) ?? root,
    later: later.map((run) => byId.get(run.id) ?? run),
  }));
}

interface Shown {
  readonly asked: Asked;
  readonly viewer: Viewer;
  readonly importers: readonly string[];
  readonly families: readonly RunFamily[];
}

function Runs({ asked, viewer, importers, families }: Shown) {
  const listed = thatFit(families);
  const more = families.length > listed.length;
  const isFiltered = asked.status !== null || asked.importer !== null;
  return (
    <>
      <div class="head">
        <h1>Runs</h1>
        {viewer.mayRun && <a class="button primary" href="/import">New import</a>}
      </div>
      {(importers.length > 0 || isFiltered) && <Filters asked={asked} importers={importers} />}
      <div id="runs" data-live="runs" data-poll={asked.before === null ? "2" : undefined}>
        {listed.length === 0
          ? <Nothing isFiltered={isFiltered} viewer={viewer} />
          : (
            <ol class="runs">
              {listed.map(({ root, later }) => (
                <li>
                  <RunRow run={root} />
                  {later.length > 0 && (
                    <ol class="later">
                      {later.map((run) => (
                        <li>
                          <RunRow run={run} isLater />
                        </li>
                      ))}
                    </ol>
                  )}
                </li>
              ))}
            </ol>
          )}
      </div>
      {(more || asked.before !== null) && (
        <nav class="pages" aria-label="Pages">
          {asked.before !== null && <a href={addressOf({ ...asked, before: null })}>Latest</a>}
          {more && (
            <a rel="next" href={addressOf({ ...asked, before: listed[listed.length - 1].root.id })}>
              Older
            </a>
          )}
        </nav>
      )}
    </>
  );
}

function thatFit(families: readonly RunFamily[]): readonly RunFamily[] {
  let runs = 0;
  const tooMany = families.findIndex(({ later }, i) => {
    runs += 1 + later.length;
    return i === PAGE || (i > 0 && runs > MOST_RUNS);
  });
  return tooMany === -1 ? families : families.slice(0, tooMany);
}

const FILTERS: readonly { readonly status: RunStatus | null; readonly text: string }[] = [
  { status: null, text: "All" },
  { status: "processing", text: "Running" },
  { status: "pending", text: "Waiting" },
  { status: "held", text: "Held" },
  { status: "completed", text: "Completed" },
  { status: "completed_with_errors", text: "With failed rows" },
  { status: "failed", text: "Failed" },
  { status: "cancelled", text: "Cancelled" },
];

function Filters({ asked, importers }: Pick<Shown, "asked" | "importers">) {
  const known = asked.importer === null || importers.includes(asked.importer)
    ? importers
    : [...importers, asked.importer];
  return (
    <div class="filters">
      <nav aria-label="Status">
        {FILTERS.map(({ status, text }) => (
          <a
            href={addressOf({ ...asked, status, before: null })}
            aria-current={status === asked.status ? "true" : undefined}
          >
            {text}
          </a>
        ))}
      </nav>
      <form method="get" action="/" data-submit-on-change="">
        {asked.status !== null && <input type="hidden" name="status" value={asked.status} />}
        <label for="importer">Importer</label>
        <select id="importer" name="importer">
          <option value="">All</option>
          {known.map((slug) => (
            <option value={slug} selected={slug === asked.importer}>{slug}</option>
          ))}
        </select>
        <noscript>
          <button type="submit">Show</button>
        </noscript>
      </form>
    </div>
  );
}

function Nothing({ isFiltered, viewer }: { isFiltered: boolean; viewer: Viewer }) {
  if (isFiltered) {
    return (
      <section class="empty">
        <h2>No such runs</h2>
        <p>
          <a href="/">Show all runs</a>
        </p>
      </section>
    );
  }
  return (
    <section class="empty">
      <h2>Nothing has been imported yet</h2>
      <p>
        A run is one file on its way into a table. It appears here as soon as it begins, and stays
        with every row that failed.
      </p>
      {viewer.mayRun
        ? <a class="button primary" href="/import">Import a file</a>
        : <p>Your token may look, but not import.</p>}
    </section>
  );
}

function addressOf({ status, importer, before }: Asked): string {
  const given = Object.entries({ status, importer, before });
  const query = new URLSearchParams(
    given.flatMap(([name, value]) => value === null ? [] : [[name, String(value)]]),
  );
  return query.size === 0 ? "/" : `/?${query}`;
}
