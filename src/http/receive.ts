/** Receives the file of a request: in a multipart form, or as the body itself. */
import type { Context } from "hono";
import { discardFile, type StoredFile, storeFile } from "../run/request/stored_file.ts";
import { RequestRefused } from "./answer_failure.ts";
import { receivingFailure, tooLarge, withIncoming } from "./incoming.ts";
import { type ReceivedForm, receiveForm } from "./multipart.ts";
import { flag, isSet } from "./schemas.ts";
import type { RequestEnv, ServerContext } from "./server_context.ts";
import { wrongField } from "./validation.ts";

export interface Received {
  readonly file: StoredFile;
  /** Undefined: not given. */
  readonly dryRun: boolean | undefined;
  /** Whether the request accepts what a spreadsheet has changed. */
  readonly acceptChanges: boolean | undefined;
  readonly once: boolean | undefined;
}

/** A field of a form besides its file; a query may have it too. */
type Flag = "dry_run" | "accept_changes" | "once";

/** Limit of a form's bytes besides its file. */
const FORM_OVERHEAD = 16 * 1024;

const RAW_TYPES = ["text/csv", "text/tab-separated-values"];

/** Does a body of this type contain a file? */
export function bringsFile(contentType: string): boolean {
  return isForm(contentType) || RAW_TYPES.includes(mediaType(contentType));
}

/**
 * Streams the request's file into storage. Throws RequestRefused, TooLarge, StorageError and the
 * reason of `closing`; then nothing stays in storage.
 */
export async function receiveFile(
  c: Context<RequestEnv>,
  folder: string,
  known: readonly Flag[] = ["dry_run"],
): Promise<Received> {
  const server = c.get("server");
  const contentType = c.req.header("content-type") ?? "";
  if (!bringsFile(contentType)) {
    throw new RequestRefused(
      415,
      "unsupported_media_type",
      "Send the file as multipart/form-data in the field `file`, or as a body of text/csv.",
    );
  }
  const encoding = c.req.header("content-encoding") ?? "identity";
  if (encoding.toLowerCase() !== "identity") {
    throw new RequestRefused(
      415,
      "unsupported_media_type",
      "Send the body as it is, without Content-Encoding.",
    );
  }
  const asked = new Map(known.map((name) => [name, readFlag(c.req.query(name), name)]));
  const maxBody = server.maxUpload + (isForm(contentType) ? FORM_OVERHEAD : 0);
  // A client that asks before it sends the body, as curl does, needn't send it.
  if (c.req.header("expect") !== undefined) refuseLarge(c, maxBody);
  const limits = {
    ...{ maxBody, maxFile: server.maxUpload },
    ...{ signal: server.closing, rest: server.rest },
  };
  const sent = c.req.raw.body ?? new Blob([]).stream();
  const { file, fields } = await withIncoming(sent, limits, async (body) => {
    // Other clients are already sending it.
    refuseLarge(c, maxBody);
    if (!isForm(contentType)) return await receiveRaw(c, server, body, folder);
    return await receiveForm({
      contentType,
      body,
      folder,
      maxBytes: server.maxUpload,
      known,
      signal: server.closing,
    });
  });
  try {
    const said = (name: Flag) => {
      const [inForm, inQuery] = [readFlag(fields.get(name), name), asked.get(name)];
      if (inQuery !== undefined && inForm !== undefined && inQuery !== inForm) {
        throw wrongField(name, "the form and the query disagree");
      }
      return inForm ?? inQuery;
    };
    return {
      file,
      dryRun: said("dry_run"),
      acceptChanges: said("accept_changes"),
      once: said("once"),
    };
  } catch (error) {
    await discardFile(file);
    throw error;
  }
}

async function receiveRaw(
  c: Context<RequestEnv>,
  server: ServerContext,
  body: ReadableStream<Uint8Array>,
  folder: string,
): Promise<ReceivedForm> {
  const isTabs = mediaType(c.req.header("content-type") ?? "") !== "text/csv";
  const name = c.req.query("filename") || `upload.${isTabs ? "tsv" : "csv"}`;
  try {
    const file = await storeFile(body, name, folder, server.maxUpload);
    return { file, fields: new Map() };
  } catch (error) {
    throw receivingFailure(error, server.closing, "The body is incomplete.");
  }
}

/** Before any of the body is read, if the request says how long it is. */
function refuseLarge(c: Context<RequestEnv>, max: number): void {
  if (Number(c.req.header("content-length") ?? 0) <= max) return;
  throw tooLarge(c.get("server").maxUpload);
}

/** Throws RequestRefused. */
export function readFlag(text: string | undefined, name = "dry_run"): boolean | undefined {
  if (text === undefined || text === "") return undefined;
  const read = flag.safeParse(text);
  if (read.success) return isSet(read.data);
  const got = JSON.stringify(text.slice(0, 100));
  throw wrongField(name, `expected true or false, got ${got}`);
}

function isForm(contentType: string): boolean {
  return mediaType(contentType) === "multipart/form-data";
}

function mediaType(contentType: string): string {
  return contentType.split(";")[0].trim().toLowerCase();
}
