import type { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { RequestRefused } from "../answers/answer_failure.ts";
import { receivingFailure, withIncoming } from "./incoming.ts";
import { repeatedKey } from "./repeated_key.ts";
import type { RequestEnv, ServerContext } from "../server_context.ts";
import { validationFailure, wrongField } from "./validation.ts";

/** Limit of a JSON body, in bytes, unless its route says another. */
export const MAX_JSON = 64 * 1024;

/** Reads an optional JSON body of at most so many bytes. Throws RequestRefused. */
export async function readJson<Schema extends z.ZodType>(
  c: Context<RequestEnv>,
  schema: Schema,
  maxBytes = MAX_JSON,
): Promise<z.infer<Schema>> {
  const text = await readText(c.req.raw.body, c.get("server"), maxBytes);
  let value: unknown = {};
  if (text !== "") {
    if (!/^application\/(?:[\w.+-]+\+)?json$/iu.test(mediaType(c))) {
      throw new RequestRefused(
        415,
        "unsupported_media_type",
        "The body must be JSON: send Content-Type: application/json",
      );
    }
    try {
      value = JSON.parse(text);
    } catch {
      throw notJson("valid JSON");
    }
    const repeated = repeatedKey(text);
    if (repeated !== null) throw wrongField(repeated.slice(0, 100), "it was given twice");
  }
  const read = schema.safeParse(value);
  if (read.success) {
    c.get("keyed")?.identify(read.data);
    return read.data;
  }
  throw validationFailure(read.error);
}

function mediaType(c: Context<RequestEnv>): string {
  return (c.req.header("content-type") ?? "").split(";")[0].trim();
}

async function readText(
  body: ReadableStream<Uint8Array> | null,
  { closing: signal, rest }: ServerContext,
  maxBytes: number,
): Promise<string> {
  if (body === null) return "";
  const limits = { maxBody: Infinity, maxFile: Infinity, signal, rest };
  return await withIncoming(body, limits, async (body) => {
    // Else `�` would stand for whatever was meant, in a file's name for example.
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const decode = (chunk?: Uint8Array) => {
      try {
        return decoder.decode(chunk, { stream: chunk !== undefined });
      } catch {
        throw notJson("UTF-8, as JSON has to be");
      }
    };
    let [text, bytes] = ["", 0];
    try {
      for await (const chunk of body) {
        bytes += chunk.length;
        if (bytes > maxBytes) {
          throw new RequestRefused(413, "too_large", `The body is larger than ${maxBytes} bytes.`);
        }
        text += decode(chunk);
      }
    } catch (error) {
      throw receivingFailure(error, signal, "The body is incomplete.");
    }
    return (text + decode()).trim();
  });
}

function notJson(what: string): RequestRefused {
  return new RequestRefused(400, "malformed", `The body is not ${what}.`);
}
