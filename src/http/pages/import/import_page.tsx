/** `/import`: from a file to a run, in three steps on one page. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { takesUploads } from "../../../importer/source_rule.ts";
import { RequestRefused } from "../../answers/answer_failure.ts";
import { allows } from "../../identity/principal.ts";
import type { RequestEnv } from "../../server_context.ts";
import { NoImporters } from "../importers/none.tsx";
import { ApiRefused } from "../call_api.ts";
import { leaveNote } from "../note.ts";
import { action, page, postedPage } from "../page.tsx";
import type { PageView, Viewer } from "../view.ts";
import { type Choices, readChoices } from "./choices.ts";
import { Choose, onlyChoice } from "./choose.tsx";
import { FileForm } from "./file_form.tsx";
import { isWide, Preview, type Refusal, Refused } from "./preview.tsx";
import { saveAction } from "./save_action.ts";
import { previewFile, uploadFile } from "./send_file.ts";
import { pageQuery, readTarget, type Target } from "./target.ts";
import type { PreviewReport } from "../../../report/preview_schema.ts";

export function importPage(app: OpenAPIHono<RequestEnv>): void {
  page(app, "/import", async (c, viewer) => {
    requireRun(viewer);
    const target = readTarget(c.req.query());
    const choices = await readChoices(c, viewer.principal, target);
    const isAsked = c.req.query("choose") !== undefined;
    const only = target.importer === null && target.table === null && !isAsked
      ? onlyChoice(choices)
      : null;
    if (only !== null) return c.redirect(only, 303);
    return show(c, { target, choices, viewer, seen: null });
  });

  postedPage(app, "/import/preview", async (c, viewer) => {
    requireRun(viewer);
    const target = readTarget(c.req.query());
    // First: as long as the body isn't read, the browser can't read the answer.
    const isChosen = target.importer !== null || target.table !== null;
    const seen = isChosen ? await previewFile(app, c, target).catch(refusalOf) : null;
    const choices = await readChoices(c, viewer.principal, target);
    return show(c, { target, choices, viewer, seen });
  });

  saveAction(app);
  action(app, "/import/upload", async (c) => {
    const target = readTarget(c.req.query());
    const made = await uploadFile(app, c, target);
    if (made.message === undefined) return `/runs/${made.id}`;
    leaveNote(c, { kind: "refused", text: made.message });
    const query = new URLSearchParams(pageQuery(target));
    query.set("loaded", String(made.id));
    return `/import?${query}`;
  });
}

function requireRun({ principal }: Viewer): void {
  if (allows(principal, "run")) return;
  throw new RequestRefused(403, "forbidden", "Your token may look, but not import.");
}

function refusalOf(error: unknown): Refusal {
  if (!(error instanceof ApiRefused)) throw error;
  const { message, errors, choices } = error;
  const details = Object.entries(errors).flatMap(([field, texts]) =>
    texts.map((text) => `${field}: ${text}`)
  );
  return { message, details, choices };
}

interface Shown {
  readonly target: Target;
  readonly choices: Choices;
  readonly viewer: Viewer;
  readonly seen: PreviewReport | Refusal | null;
}

function show(c: Context<RequestEnv>, { target, choices, viewer, seen }: Shown): PageView {
  const { chosen, importers, tables } = choices;
  const isNothing = importers.length === 0 && (tables === null || tables.length === 0);
  const isReady = chosen === null
    ? target.table !== null && tables !== null
    : takesUploads(chosen.source);
  const loaded = c.req.query("loaded") ?? null;
  const isWhole = c.req.query("all") !== undefined;
  const isLimited = viewer.principal.importers !== null;
  const maySave = viewer.mayAdminister && c.get("server").savesDefinitions &&
    (chosen !== null || !isLimited);
  const saving = maySave ? { file: choices.file } : undefined;
  const allowed = { definition: chosen, isLimited };
  return {
    title: "New import",
    section: "import",
    assets: ["styles/importers.css", "styles/import.css", "styles/preview.css", "import/import.js"],
    body: (
      <div class="import" id="import">
        <div class="head">
          <h1>New import</h1>
        </div>
        {isNothing ? <NoImporters viewer={viewer} /> : (
          <>
            <section data-part="target">
              <h2 class="step">Where it goes</h2>
              <Choose choices={choices} target={target} />
            </section>
            {(chosen === null || isReady) && (
              <section class="of-file">
                <h2 class="step">The file</h2>
                <FileForm
                  target={target}
                  isReady={isReady}
                  maxUpload={c.get("server").maxUpload}
                  isWide={!isWhole && seen !== null && !("message" in seen) && isWide(seen)}
                  loaded={loaded !== null && /^\d{1,15}$/u.test(loaded) ? loaded : null}
                />
              </section>
            )}
            <section data-part="preview" class="preview" aria-live="polite">
              {seen !== null && (
                <>
                  {"message" in seen
                    ? <Refused refusal={seen} target={target} />
                    : <Preview {...{ seen, target, allowed, isWhole, saving }} />}
                </>
              )}
            </section>
          </>
        )}
      </div>
    ),
  };
}
