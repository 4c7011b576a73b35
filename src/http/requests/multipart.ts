/** Receives one file of a multipart form, and streams it into storage as it arrives. */
import busboy from "busboy";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { discardFile, type StoredFile } from "../../run/request/stored_file.ts";
import { RequestRefused } from "../answers/answer_failure.ts";
import { receivingFailure, tooLarge } from "./incoming.ts";

export interface ReceivedForm {
  readonly file: StoredFile;
  readonly fields: ReadonlyMap<string, string>;
}

export interface FormRequest {
  readonly contentType: string;
  readonly body: ReadableStream<Uint8Array>;
  /** Limit of the file, in bytes. */
  readonly maxFile: number;
  /** Stores the file, and leaves nothing behind if that fails. It reads the stream to its end. */
  store(content: ReadableStream<Uint8Array>, name: string): Promise<StoredFile>;
  /** Fields besides `file` that the form may have. */
  readonly known: readonly string[];
  /** A field that may be longer than the others, and its limit in bytes. */
  readonly long?: { readonly field: string; readonly size: number };
  /** The body fails with this signal's reason when the server no longer waits for it. */
  readonly signal: AbortSignal;
}

/** The parts of busboy that we use; it has no types of its own. A form part may have no name. */
type FormParser = Writable & {
  on(event: "file", hear: (field: Name, file: Readable, about: FileInfo) => void): unknown;
  on(event: "field", hear: (field: Name, value: Value, about: FieldInfo) => void): unknown;
  on(event: "partsLimit" | "fieldsLimit" | "filesLimit", hear: () => void): unknown;
  on(event: "error", hear: (error: Error) => void): unknown;
};

type Name = string | undefined;
/** Undefined: its encoding doesn't exist. */
type Value = string | undefined;

interface FileInfo {
  readonly filename?: string;
}

interface FieldInfo {
  readonly valueTruncated: boolean;
}

/** Limits of the form; the file has its own. */
const LIMITS = { fields: 10, files: 1, parts: 12 };
/** Limit of a field, in bytes. */
const FIELD_SIZE = 1_000;

const createParser = busboy as unknown as (options: {
  readonly headers: { readonly "content-type": string };
  readonly limits: typeof LIMITS & { readonly fieldSize: number; readonly fileSize: number };
  readonly defParamCharset: string;
  readonly highWaterMark: number;
}) => FormParser;

/**
 * The form's field `file`, and its other fields. If this throws, nothing stays in storage. Throws
 * RequestRefused, StorageError, and the errors with which incoming.ts ends the body.
 */
export async function receiveForm(request: FormRequest): Promise<ReceivedForm> {
  const { signal, maxFile } = request;
  const parser = openParser(request.contentType, maxFile, request.long?.size);
  const fields = new Map<string, string>();
  const stored: Promise<StoredFile>[] = [];
  // Only the first failure counts: it causes the others.
  const stop = new AbortController();
  const refuse = (reason: unknown) => stop.abort(reason);
  parser.on("file", (field, file, { filename }) => {
    // An error event without a listener would end the process. Its cause is reported elsewhere.
    file.on("error", () => {});
    // Whoever stores it notices too, but only when the next piece is being read already.
    file.on("limit", () => refuse(tooLarge(maxFile)));
    // A stopped parser still parses the rest of its current chunk. A file that begins there would
    // never end.
    if (stop.signal.aborted) return file.resume();
    if (field !== "file" || filename === undefined) {
      file.resume();
      return refuse(wrongField(field, "expected the file in the field `file`, with its name"));
    }
    // Readable.toWeb() would throw where nobody catches it when data comes after it was cancelled.
    const content = ReadableStream.from<Uint8Array>(file);
    const storing = request.store(content, filename);
    storing.catch(refuse);
    stored.push(storing);
  });
  parser.on("field", (field, value, { valueTruncated }) => {
    const isTooLong = valueTruncated ||
      (field !== request.long?.field && (value?.length ?? 0) > FIELD_SIZE);
    const problem = field !== undefined && fields.has(field)
      ? "it was sent twice"
      : problemOf(field, value, isTooLong, request.known);
    if (problem !== null) return refuse(wrongField(field, problem));
    if (field !== undefined && value !== undefined) fields.set(field, value);
  });
  parser.on("filesLimit", () => refuse(wrongField("file", "expected one file, got several")));
  for (const event of ["partsLimit", "fieldsLimit"] as const) {
    parser.on(event, () => refuse(wrongField("file", "the form has too many fields")));
  }
  // An error that the parser only reports before it goes on.
  parser.on("error", refuse);
  try {
    await pipeline(pieces(request.body, stop.signal), parser, { signal: stop.signal });
    stop.signal.throwIfAborted();
    if (stored.length === 0) throw wrongField("file", "expected a file, got none");
    return { file: await stored[0], fields };
  } catch (error) {
    refuse(error);
    for (const storing of stored) await storing.then(discardFile, () => {/* nothing stays */});
    throw receivingFailure(stop.signal.reason, signal, "The form is incomplete or malformed.");
  }
}

/** One by one: a piece is read when the parser is done with those before it, and none of them is refused. */
async function* pieces(
  body: ReadableStream<Uint8Array>,
  refused: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  while (!refused.aborted) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function problemOf(
  field: Name,
  value: Value,
  isTooLong: boolean,
  known: readonly string[],
): string | null {
  // If the user chose no file, the form has this field without a file name.
  if (field === "file") return "expected a file with its name";
  if (field === undefined || !known.includes(field)) return "there is no such field";
  if (isTooLong) return "the value is too long";
  return value === undefined ? "the value's encoding is unknown" : null;
}

function openParser(contentType: string, maxFile: number, fieldSize = FIELD_SIZE): FormParser {
  try {
    return createParser({
      headers: { "content-type": contentType },
      limits: { ...LIMITS, fieldSize, fileSize: maxFile + 1 },
      defParamCharset: "utf8",
      // No piece is read while another one waits: a read that is pending when a refusal is answered
      // goes on after that, whatever becomes of the client (incoming.ts).
      highWaterMark: 1,
    });
  } catch (error) {
    throw Object.assign(
      new RequestRefused(400, "malformed", "The form's Content-Type has no usable boundary."),
      { cause: error },
    );
  }
}

function wrongField(field: Name, problem: string): RequestRefused {
  const name = field === undefined ? "a field without a name" : field.slice(0, 100);
  return new RequestRefused(422, "validation", `The form can't be used: ${name}: ${problem}.`, {
    [name]: [problem],
  });
}
