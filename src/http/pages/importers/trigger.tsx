/** "Run now": for importers whose file is on the server. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { RequestEnv } from "../../server_context.ts";
import { callApi } from "../call_api.ts";
import { leaveNote } from "../note.ts";
import { action } from "../page.tsx";
import { readForm } from "../read_form.ts";

export function triggerAction(app: OpenAPIHono<RequestEnv>): void {
  action(app, "/importers/:slug/run", async (c) => {
    const slug = encodeURIComponent(c.req.param("slug"));
    const anyway = (await readForm(c)).get("anyway") === "true";
    const made = await callApi(app, c, `/trigger/${slug}`, anyway ? { once: false } : {});
    if (made.message === undefined) return `/runs/${made.id}`;
    leaveNote(c, { kind: "refused", text: made.message });
    return `/importers/${slug}?loaded=${made.id}`;
  });
}

/** The importer takes no file twice, unless somebody insists. */
export function LoadAnyway({ slug, run }: { slug: string; run: string }) {
  return (
    <form class="anyway" method="post" action={`/importers/${encodeURIComponent(slug)}/run`}>
      <input type="hidden" name="anyway" value="true" />
      <button type="submit">Load it again anyway</button>
      {/^\d{1,15}$/u.test(run) && <a href={`/runs/${run}`}>See run {run}</a>}
    </form>
  );
}
