import type { z } from "@hono/zod-openapi";
import { RequestRefused } from "../answers/answer_failure.ts";

/** How many unknown fields are named. */
const MAX_NAMED = 20;

/** What a schema finds wrong with a request, by field. */
export function validationFailure(error: z.ZodError): RequestRefused {
  // A map: a field may be called `constructor`.
  const errors = new Map<string, string[]>();
  const add = (field: string, problem: string) => {
    const known = errors.get(field) ?? [];
    if (!known.includes(problem)) errors.set(field, [...known, problem]);
  };
  for (const issue of error.issues) {
    const field = issue.path.join(".");
    if (issue.code !== "unrecognized_keys") {
      add(field === "" ? "body" : field, inOurWords(issue.message));
      continue;
    }
    // Each one is named, so that the client knows which ones are meant.
    for (const key of issue.keys.slice(0, MAX_NAMED)) {
      add(field === "" ? key : `${field}.${key}`, "there is no such field");
    }
  }
  return wrongFields(errors);
}

/** One field that can't be used. */
export function wrongField(field: string, problem: string): RequestRefused {
  return wrongFields(new Map([[field, [problem]]]));
}

function wrongFields(errors: ReadonlyMap<string, readonly string[]>): RequestRefused {
  const [[field, [first]]] = errors;
  return new RequestRefused(
    422,
    "validation",
    `The request can't be used: ${field}: ${/[.?]$/u.test(first) ? first : `${first}.`}`,
    Object.fromEntries(errors),
  );
}

/** `Invalid input: expected boolean, received number` → `expected boolean, got number` */
function inOurWords(message: string): string {
  return message.replace(/^(?:Invalid|Too)[\w ]*: /u, "").replace(", received ", ", got ");
}
