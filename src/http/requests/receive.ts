/** Receives the file of a request: in a multipart form, or as the body itself. */
import type { Context } from "hono";
import type { ColumnMapping } from "../../importer/column_mapping.ts";
import {
  BODY_ENCODINGS,
  type BodyEncoding,
  storeDecoded,
  WrongEncoding,
} from "../../run/request/decode_body.ts";
import { discardFile, type StoredFile, storeFile } from "../../run/request/stored_file.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { MAPPING_FIELD, oneMapping, readMapping } from "./asked_mapping.ts";
import { receivingFailure, tooLarge, withIncoming } from "./incoming.ts";
import { type FormRequest, type ReceivedForm, receiveForm } from "./multipart.ts";
import { flag, isSet } from "../schemas/schemas.ts";
import type { RequestEnv } from "../server_context.ts";
import { wrongField } from "./validation.ts";

export interface Received {
  readonly file: StoredFile;
  /** Undefined: not given. */
  readonly dryRun: boolean | undefined;
  /** Whether the request accepts what a spreadsheet has changed. */
  readonly acceptChanges: boolean | undefined;
  readonly once: boolean | undefined;
  readonly mapping: ColumnMapping | undefined;
}

/** A field of a form besides its file; a query may have it too. */
type Flag = "dry_run" | "accept_changes" | "once";

/** Limit of a form's bytes besides its file. */
const FORM_OVERHEAD = 16 * 1024;

/** Bodies that are files, and how a file is called whose request doesn't say it. */
const RAW_TYPES: Readonly<Record<string, string>> = {
  "text/csv": "upload.csv",
  "text/tab-separated-values": "upload.tsv",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "upload.xlsx",
  "application/json": "upload.json",
  "application/x-ndjson": "upload.ndjson",
  "application/ndjson": "upload.ndjson",
  "application/jsonl": "upload.ndjson",
  "application/gzip": "upload.gz",
  "application/x-gzip": "upload.gz",
  "application/zstd": "upload.zst",
  "application/zip": "upload.zip",
  "application/x-zip-compressed": "upload.zip",
};

/** Does a body of this type contain a file, where JSON is something else? */
export function bringsFile(contentType: string): boolean {
  return isFile(contentType) && mediaType(contentType) !== "application/json";
}

function isFile(contentType: string): boolean {
  return isForm(contentType) || Object.hasOwn(RAW_TYPES, mediaType(contentType));
}

/** The same as receiveFile, into the server's storage. */
export async function receiveUpload(
  c: Context<RequestEnv>,
  known?: readonly Flag[],
  texts?: readonly "mapping"[],
): Promise<Received> {
  const server = c.get("server");
  const folder = await server.withLedger((ledger) => server.storageFolder(ledger));
  return await receiveFile(c, folder, known, texts);
}

/**
 * Streams the request's file into storage. Throws RequestRefused, TooLarge, StorageError and the
 * reason of `closing`; then nothing stays in storage.
 */
export async function receiveFile(
  c: Context<RequestEnv>,
  folder: string,
  known: readonly Flag[] = ["dry_run"],
  texts: readonly "mapping"[] = [],
): Promise<Received> {
  const server = c.get("server");
  const asked = new Map(known.map((name) => [name, readFlag(c.req.query(name), name)]));
  const mapping = texts.includes("mapping") ? readMapping(c.req.query("mapping")) : undefined;
  const { file, fields } = await receiveStored(c, {
    known: [...known, ...texts],
    ...texts.length > 0 && { long: MAPPING_FIELD },
    folder,
    store: (content, name) => storeFile(content, name, folder, server.maxUpload),
  });
  try {
    const said = (name: Flag) => {
      const [inForm, inQuery] = [readFlag(fields.get(name), name), asked.get(name)];
      if (inQuery !== undefined && inForm !== undefined && inQuery !== inForm) {
        throw wrongField(name, "the form and the query disagree");
      }
      return inForm ?? inQuery;
    };
    const { name, checksum, size } = file;
    c.get("keyed")?.identify({ name, checksum, size, fields: Object.fromEntries(fields) });
    return {
      file,
      dryRun: said("dry_run"),
      acceptChanges: said("accept_changes"),
      once: said("once"),
      mapping: oneMapping(readMapping(fields.get("mapping")), mapping),
    };
  } catch (error) {
    await discardFile(file);
    throw error;
  }
}

interface Storing extends Pick<FormRequest, "known" | "store" | "long"> {
  /** For a body that is packed on its way. */
  readonly folder: string;
}

/**
 * Receives a file with the fields of its form, whoever stores it. Throws RequestRefused, what `store`
 * throws, and the reason of `closing`; then nothing stays in storage.
 */
export async function receiveStored(
  c: Context<RequestEnv>,
  { known, store, long, folder }: Storing,
): Promise<ReceivedForm> {
  const { maxUpload, closing: signal, rest } = c.get("server");
  const contentType = c.req.header("content-type") ?? "";
  const encoding = encodingOf(contentType, c.req.header("content-encoding") ?? "");
  const overhead = FORM_OVERHEAD + (long?.size ?? 0);
  const maxBody = maxUpload + (isForm(contentType) ? overhead : 0);
  // A client that asks before it sends the body, as curl does, needn't send it.
  if (c.req.header("expect") !== undefined) refuseLarge(c, maxBody);
  const sent = c.req.raw.body ?? new Blob([]).stream();
  const limits = { maxBody, maxFile: maxUpload, signal, rest };
  return await withIncoming(sent, limits, async (body) => {
    // Other clients are already sending it.
    refuseLarge(c, maxBody);
    if (isForm(contentType)) {
      return await receiveForm({
        ...{ contentType, body, known, store, long, signal },
        maxFile: maxUpload,
      });
    }
    const name = c.req.query("filename") || RAW_TYPES[mediaType(contentType)];
    const file = encoding === null
      ? store(body, name)
      : storeDecoded(body, encoding, { folder, maxBytes: maxUpload, name }, (content) =>
        store(content, name));
    return {
      file: await file.catch((error) => {
        throw bodyFailure(error, signal);
      }),
      fields: new Map(),
    };
  });
}

function bodyFailure(error: unknown, signal: AbortSignal): unknown {
  const what = error instanceof WrongEncoding
    ? "The body is not, or not all of, what its Content-Encoding says."
    : "The body is incomplete.";
  return receivingFailure(error, signal, what);
}

/** How the body is packed on its way; null if it isn't. Throws RequestRefused. */
function encodingOf(contentType: string, header: string): BodyEncoding | null {
  const refused = (why: string) => new RequestRefused(415, "unsupported_media_type", why);
  if (!isFile(contentType)) {
    throw refused(
      "Send the file as multipart/form-data in the field `file`, or as a body of text/csv.",
    );
  }
  const named = header.trim().toLowerCase();
  if (named === "" || named === "identity") return null;
  const known = BODY_ENCODINGS.find((encoding) => encoding === named);
  if (known === undefined) {
    throw refused("Send the body as it is, or with Content-Encoding: gzip or zstd.");
  }
  if (isForm(contentType)) {
    throw refused(
      "Send the form as it is, without Content-Encoding. The file in it may be packed.",
    );
  }
  return known;
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
