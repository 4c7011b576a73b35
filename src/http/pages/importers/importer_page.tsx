/** `/importers/customers`: what an importer does, column by column, and its last runs. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { stringify } from "yaml";
import type { Definition } from "../../../importer/definition.ts";
import { findImporter } from "../../../importer/folder.ts";
import { asWritten, writtenOptions, writtenSource } from "../../../importer/document/written.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import { lastRunsOf, type PastRun } from "../../../ledger/runs/importer_history.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import { listReport } from "../../../report/run_report.ts";
import { publicRun } from "../../answers/public_words.ts";
import { redact } from "../../answers/redact.ts";
import { requireImporter, withoutOthers } from "../../runs_of.ts";
import { BASE_PATH } from "../../route.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import { RunRow } from "../runs/run_row.tsx";
import type { Viewer } from "../view.ts";
import { ColumnsTables } from "./columns_table.tsx";
import { type Findings, findingsOf } from "./findings.ts";
import { FindingNotes } from "./importers_page.tsx";
import { MOST_RUNS, Spark } from "./spark.tsx";
import { StartButton } from "./start_button.tsx";
import { LoadAnyway } from "./trigger.tsx";
import { sourceOf, strategyOf } from "./words.ts";
import { IntoTable } from "../parts/into_table.tsx";

/** Runs in the list. */
const LISTED = 8;

export function importerPage(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/importers/:slug", async (c, viewer) => {
    const slug = c.req.param("slug");
    requireImporter(c, slug);
    const server = c.get("server");
    const ownSchema = server.schemaName;
    const importer = await findImporter(server.importersFolder, slug, { ownSchema });
    const definition = redact(importer.definition, server.sourceFolder);
    const loaded = c.req.query("loaded") ?? null;
    return {
      title: slug,
      section: "importers",
      isLong: Object.keys(definition.columns ?? {}).length > 50,
      assets: ["styles/runs.css", "styles/importers.css", "live.js"],
      body: async () => {
        const findings = await findingsOf(server, importer);
        const past = await server.withLedger((ledger) => pastOf(c, ledger, slug));
        return <WholeImporter {...{ definition, findings, viewer, loaded }} {...past} />;
      },
    };
  });
}

async function pastOf(
  c: Context<RequestEnv>,
  ledger: Ledger,
  slug: string,
): Promise<Pick<Shown, "history" | "runs">> {
  const filter = { status: null, importer: slug, family: "roots" as const, limit: LISTED };
  const [history, runs] = await Promise.all([
    lastRunsOf(ledger, [slug], MOST_RUNS),
    listReport(ledger, filter, publicRun),
  ]);
  return { history, runs: await withoutOthers(c, ledger, runs) };
}

interface Shown {
  readonly definition: Definition;
  readonly findings: Findings;
  readonly history: readonly PastRun[];
  readonly runs: readonly RunReport[];
  readonly viewer: Viewer;
  /** The run that had loaded the same file when somebody asked for it again. */
  readonly loaded: string | null;
}

function WholeImporter({ definition, findings, history, runs, viewer, loaded }: Shown) {
  const { slug, table, description } = definition;
  const said = { ...writtenSource(definition.source), ...writtenOptions(definition.options) };
  return (
    <article class="importer">
      <p class="crumbs">
        <a href="/importers">Importers</a>
      </p>
      <div class="head">
        <div>
          <h1>{slug}</h1>
          {description !== null && (
            <p>
              <bdi>{description}</bdi>
            </p>
          )}
          <p class="about">
            <IntoTable from={sourceOf(definition)} table={table} />
            . {strategyOf(definition)}
          </p>
        </div>
        {viewer.mayRun && <StartButton definition={definition} />}
      </div>
      {loaded !== null && viewer.mayRun && <LoadAnyway slug={slug} run={loaded} />}
      <FindingNotes findings={findings} />
      <section data-live="runs" data-poll="3">
        <div class="head">
          <h2>Last runs</h2>
          {history.length > 0 && <Spark runs={history} />}
        </div>
        {runs.length === 0 ? <p class="about">No runs yet.</p> : (
          <>
            <ol class="runs">
              {runs.map((run) => (
                <li>
                  <RunRow run={run} />
                </li>
              ))}
            </ol>
            <p class="more">
              <a href={`/?importer=${encodeURIComponent(slug)}`}>All its runs</a>
            </p>
          </>
        )}
      </section>
      <ColumnsTables definition={definition} table={findings.table} />
      {Object.keys(said).length > 0 && (
        <section>
          <h2>Options</h2>
          <dl class="options">
            {Object.entries(said).map(([name, value]) => (
              <div>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <bdi>{typeof value === "string" ? value : JSON.stringify(value)}</bdi>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <Document definition={definition} />
    </article>
  );
}

/** Characters. Longer ones are left to the API. */
const LONGEST = 12_000;

function Document({ definition }: { definition: Definition }) {
  const text = stringify(asWritten(definition), { lineWidth: 100 });
  if (text.length > LONGEST) {
    const to = `${BASE_PATH}/importers/${encodeURIComponent(definition.slug)}`;
    return (
      <p class="more">
        <a href={to}>The definition as JSON</a>
      </p>
    );
  }
  return (
    <details class="definition">
      <summary>The definition</summary>
      <pre tabindex={0}><code>{text}</code></pre>
    </details>
  );
}
