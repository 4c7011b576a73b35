/** Saves what the page of a new import has settled, through the API. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { RequestRefused } from "../../answers/answer_failure.ts";
import { requireOwnPage } from "../../identity/session_cookie.ts";
import type { RequestEnv } from "../../server_context.ts";
import { ApiRefused, callForAnswer } from "../call_api.ts";
import { leaveNote } from "../note.ts";
import { action } from "../page.tsx";
import { readForm } from "../read_form.ts";
import { readColumns } from "./saved_columns.ts";
import { pageQuery, readTarget, type Target } from "./target.ts";
import { inPageWords } from "./words.ts";

/** Bytes: a table may have 1,600 columns. */
const LONGEST_FORM = 256 * 1024;

const answerSchema = z.object({
  message: z.string(),
  data: z.object({ slug: z.string() }),
});

interface Done {
  readonly message: string;
  /** The page on which the importer is chosen. */
  readonly to: string;
}

export function saveAction(app: OpenAPIHono<RequestEnv>): void {
  action(app, "/import/save", async (c) => {
    const { message, to } = await save(app, c);
    leaveNote(c, { kind: "done", text: message });
    return to;
  });

  // For the script, which keeps the file.
  app.post("/import/save.json", async (c) => {
    requireOwnPage(c);
    try {
      return c.json(await save(app, c), 200);
    } catch (error) {
      if (!(error instanceof ApiRefused)) throw error;
      return c.json({ message: error.message }, error.status === 401 ? 401 : 422);
    }
  });
}

async function save(app: OpenAPIHono<RequestEnv>, c: Context<RequestEnv>): Promise<Done> {
  const form = await readForm(c, LONGEST_FORM);
  const target = readTarget(c.req.query());
  const columns = readColumns(form.get("columns") ?? "");
  if (columns === null) {
    throw new RequestRefused(400, "malformed", "The form doesn’t say what goes where.");
  }
  const source = sourceOf(target);
  const { importer, table, key, onDuplicate } = target;
  const asked = importer === null
    ? {
      ...{ slug: (form.get("slug") ?? "").trim(), table, source, columns },
      ...key.length > 0 && { key, on_duplicate: onDuplicate ?? "skip" },
    }
    : { source, columns };
  const path = importer === null ? "/importers" : `/importers/${encodeURIComponent(importer)}`;
  const answer = await callForAnswer(app, c, path, asked).catch((error) => {
    throw error instanceof ApiRefused ? inWords(error) : error;
  });
  const { message, data: { slug } } = answerSchema.parse(answer);
  const to = { importer: slug, table: null, key: [], onDuplicate: null, reading: {} };
  return { message, to: `/import${pageQuery(to)}` };
}

/** As a definition writes it. */
function sourceOf({ reading: { skip_lines, ...others } }: Target) {
  return { ...others, ...skip_lines !== undefined && { skip_lines: Number(skip_lines) } };
}

/** All that is wrong, in one sentence after the other. */
function inWords({ status, message, errors }: ApiRefused): ApiRefused {
  const fields = Object.entries(errors);
  if (fields.length === 0) return new ApiRefused(status, inPageWords(message));
  const all = fields.flatMap(([field, texts]) =>
    texts.map((text) => field === "slug" ? `Name: ${text}.` : text)
  );
  return new ApiRefused(status, inPageWords(["It isn’t saved.", ...all].join(" ")));
}
