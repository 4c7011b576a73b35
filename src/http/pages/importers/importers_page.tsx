/** `/importers`: what can be imported here, and how it went lately. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { type Importer, loadImporters } from "../../../importer/folder.ts";
import { lastRunsOf, type PastRun } from "../../../ledger/runs/importer_history.ts";
import type { RunReport } from "../../../report/report_schema.ts";
import { listReport } from "../../../report/run_report.ts";
import { mayUse } from "../../identity/principal.ts";
import { publicRun } from "../../answers/public_words.ts";
import { redact } from "../../answers/redact.ts";
import { withoutOthers } from "../../runs_of.ts";
import type { RequestEnv } from "../../server_context.ts";
import { page } from "../page.tsx";
import { Time } from "../parts/numbers.tsx";
import { Status } from "../parts/status.tsx";
import type { Viewer } from "../view.ts";
import { type Findings, findingsOf, publicProblem } from "./findings.ts";
import { NoImporters } from "./none.tsx";
import { MOST_RUNS, Spark } from "./spark.tsx";
import { StartButton } from "./start_button.tsx";
import { sourceOf, strategyOf } from "./words.ts";
import { IntoTable } from "../parts/into_table.tsx";

interface Shown {
  readonly importer: Importer;
  readonly runs: readonly PastRun[];
  readonly last: RunReport | null;
  /** Null: not looked for. */
  readonly findings: Findings | null;
}

interface Broken {
  readonly slug: string;
  readonly problems: readonly string[];
}

export function importersPage(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/importers", async (c, viewer) => {
    const { importersFolder, schemaName, sourceFolder } = c.get("server");
    const found = await loadImporters(importersFolder, { ownSchema: schemaName });
    const own = found.usable.filter(({ definition }) => mayUse(viewer.principal, definition.slug));
    const broken = found.broken.filter(({ slug }) => mayUse(viewer.principal, slug))
      .map(({ slug, problems }) => ({ slug, problems: problems.map(publicProblem) }));
    const isChecked = c.req.query("check") !== undefined;
    return {
      title: "Importers",
      section: "importers",
      isLong: own.length + broken.length > 20,
      assets: ["styles/importers.css", "live.js", "importers.js"],
      body: async () => {
        const shown = (await readRuns(c, own, isChecked)).map(({ importer, ...rest }) => ({
          ...rest,
          importer: { ...importer, definition: redact(importer.definition, sourceFolder) },
        }));
        return <Importers {...{ shown, broken, viewer, isChecked }} />;
      },
    };
  });
}

async function readRuns(
  c: Context<RequestEnv>,
  importers: readonly Importer[],
  isChecked: boolean,
): Promise<readonly Shown[]> {
  const server = c.get("server");
  const slugs = importers.map(({ definition }) => definition.slug);
  const { runs, last } = await server.withLedger(async (ledger) => {
    const runs = await lastRunsOf(ledger, slugs, MOST_RUNS);
    const latest = slugs.flatMap((slug) =>
      runs.find(({ importer }) => importer === slug)?.id ?? []
    );
    const filter = { status: null, importer: null, ids: latest, limit: latest.length };
    const last = await listReport(ledger, filter, publicRun);
    return { runs, last: await withoutOthers(c, ledger, last) };
  });
  const shown: Shown[] = [];
  for (const importer of importers) {
    const { slug } = importer.definition;
    shown.push({
      importer,
      runs: runs.filter(({ importer }) => importer === slug),
      last: last.find(({ importer }) => importer === slug) ?? null,
      findings: isChecked ? await findingsOf(server, importer) : null,
    });
  }
  return shown;
}

interface PageOptions {
  readonly shown: readonly Shown[];
  readonly broken: readonly Broken[];
  readonly viewer: Viewer;
  readonly isChecked: boolean;
}

function Importers({ shown, broken, viewer, isChecked }: PageOptions) {
  return (
    <>
      <div class="head">
        <h1>Importers</h1>
      </div>
      {shown.length + broken.length === 0 && <NoImporters viewer={viewer} />}
      {broken.length > 0 && <BrokenOnes broken={broken} />}
      {shown.length > 0 && (
        <ul class="importers" data-poll="5" data-check={isChecked ? undefined : ""}>
          {shown.map((one) => (
            <li>
              <Row {...one} viewer={viewer} />
            </li>
          ))}
        </ul>
      )}
      {!isChecked && shown.length > 0 && (
        <noscript>
          <p class="more">
            <a href="/importers?check=1">Compare them with their tables</a>
          </p>
        </noscript>
      )}
    </>
  );
}

function Row({ importer, runs, last, findings, viewer }: Shown & { viewer: Viewer }) {
  const { definition } = importer;
  const { slug, table, description } = definition;
  return (
    <article class="importer-row">
      <div class="what">
        <h2>
          <a href={`/importers/${encodeURIComponent(slug)}`}>{slug}</a>
        </h2>
        {description !== null && (
          <p>
            <bdi>{description}</bdi>
          </p>
        )}
        <p class="about">
          <IntoTable from={sourceOf(definition)} table={table} />
        </p>
        <p class="about">{strategyOf(definition)}</p>
        <div data-findings={slug}>
          <FindingNotes findings={findings} />
        </div>
      </div>
      <div class="lately" data-live={`lately ${slug}`}>
        {runs.length > 0 && <Spark runs={runs} />}
        {last === null ? <p class="about">no runs yet</p> : (
          <p class="last">
            <a href={`/runs/${last.id}`}>#{last.id}</a>
            <Status run={last} />
            <Time at={last.completed_at ?? last.started_at ?? last.created_at} ago />
          </p>
        )}
      </div>
      {viewer.mayRun && <StartButton definition={definition} />}
    </article>
  );
}

export function FindingNotes({ findings }: { findings: Findings | null }) {
  if (findings === null) return null;
  return (
    <>
      {findings.problems.map((text) => (
        <p class="remark bad">
          <bdi>{text}</bdi>
        </p>
      ))}
      {findings.warnings.map((text) => (
        <p class="remark partly">
          <bdi>{text}</bdi>
        </p>
      ))}
    </>
  );
}

function BrokenOnes({ broken }: { broken: readonly Broken[] }) {
  return (
    <section class="broken">
      <h2>
        {broken.length === 1 ? "One definition has" : `${broken.length} definitions have`}{" "}
        mistakes and can’t be used
      </h2>
      <ul>
        {broken.map(({ slug, problems }) => (
          <li>
            <strong>
              <bdi>{slug}</bdi>
            </strong>
            <ul>
              {problems.map((text) => (
                <li>
                  <code>
                    <bdi>{text}</bdi>
                  </code>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </section>
  );
}
