import type { z } from "@hono/zod-openapi";
import { RequestRefused } from "./answer_failure.ts";

/** What a schema finds wrong with a request, by field. */
export function validationFailure(error: z.ZodError): RequestRefused {
  const errors: Record<string, string[]> = {};
  for (const issue of error.issues) {
    const field = issue.path.join(".");
    // Each is named, or nobody knows which one is meant.
    const named = issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => [field === "" ? key : `${field}.${key}`, "there is no such field"])
      : [[field, issue.message]];
    for (const [name, message] of named) (errors[name] ??= []).push(message);
  }
  const [[field, [first]]] = Object.entries(errors);
  const where = field === "" ? "" : `${field}: `;
  return new RequestRefused(
    422,
    "validation",
    `The request can't be used: ${where}${first}.`,
    errors,
  );
}
