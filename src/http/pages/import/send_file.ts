/** Hands the file of a form on to the API as it arrives: it is never held in memory. */
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { z } from "zod";
import { type PreviewReport, previewSchema } from "../../../report/preview_schema.ts";
import type { RequestEnv } from "../../server_context.ts";
import { type Answered, forwardForAnswer, forwardToApi } from "../call_api.ts";
import { apiPath, type Target } from "./target.ts";

const previewAnswer = z.object({ data: previewSchema });

/** Throws ApiRefused. */
export async function previewFile(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  target: Target,
): Promise<PreviewReport> {
  const answer = await forwardForAnswer(app, c, pathOf("preview", target));
  return previewAnswer.parse(answer).data;
}

/** Returns the new run, or the one that has loaded the same file. Throws ApiRefused. */
export function uploadFile(
  app: OpenAPIHono<RequestEnv>,
  c: Context<RequestEnv>,
  target: Target,
): Promise<Answered> {
  return forwardToApi(app, c, pathOf("upload", target));
}

/** Without a choice, the API says what is missing. */
function pathOf(what: "upload" | "preview", target: Target): string {
  return apiPath(what, target) ?? `/${what}`;
}
