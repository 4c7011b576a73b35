/** Puts a local file into a bucket: in one piece, or in parts at the same time. */
import { createHash } from "node:crypto";
import { type S3Address, showAddress } from "./address.ts";
import type { S3Client, S3Request } from "./client.ts";
import { NoSuchObject, SourceError } from "../error.ts";
import { changed, readRange } from "../file/range.ts";
import { type Race, runLanes } from "./lanes.ts";
import { abortUpload, statObject } from "./objects.ts";
import { textOf } from "./xml.ts";

/** Bytes of a part; S3 takes at least 5 MB, and at most 10,000 parts. */
const PART = 8 * 1024 * 1024;
const MOST_PARTS = 10_000;
/** Parts at the same time, each in memory. */
const LANES = 3;

/**
 * When it returns, the object is there, with all of the file's bytes. If it throws SourceError, there
 * is none; parts that could not be taken back are left to `prune`.
 */
export async function upload(client: S3Client, path: string, address: S3Address): Promise<void> {
  const { size } = await Deno.stat(path);
  if (size > PART) return await new Parts(client, path, address, size).upload();
  const body = await readRange(path, 0, size);
  await put(client, { ...address, body });
}

/** S3 checks what it gets against its hash. */
async function put(
  client: S3Client,
  { body, ...request }: Omit<S3Request, "method" | "doing" | "checksum" | "body"> & {
    readonly body: Uint8Array<ArrayBuffer>;
  },
): Promise<Headers> {
  const checksum = createHash("sha256").update(body).digest("hex");
  const answer = await client.send({ ...request, method: "PUT", body, checksum, doing: "write" });
  await answer.bytes();
  return answer.headers;
}

class Parts {
  readonly #client: S3Client;
  readonly #path: string;
  readonly #address: S3Address;
  readonly #size: number;
  readonly #partSize: number;
  readonly #etags: string[] = [];
  #next = 0;

  constructor(client: S3Client, path: string, address: S3Address, size: number) {
    this.#client = client;
    this.#path = path;
    this.#address = address;
    this.#size = size;
    this.#partSize = Math.max(PART, Math.ceil(size / MOST_PARTS));
  }

  async upload(): Promise<void> {
    const begun = await this.#client.text({
      ...{ ...this.#address, method: "POST", query: { uploads: "" }, doing: "write" },
    });
    const id = textOf(begun, "UploadId");
    if (id === null) throw this.#odd("it began no upload");
    try {
      await runLanes(LANES, (race) => this.#lane(id, race));
      if ((await Deno.stat(this.#path)).size !== this.#size) throw changed(this.#path);
      await this.#complete(id);
    } catch (error) {
      // What can't be taken back now, `prune` takes back later.
      await abortUpload(this.#client, this.#address, id).catch(() => {});
      throw error;
    }
  }

  async #lane(id: string, race: Race): Promise<void> {
    while (this.#next * this.#partSize < this.#size && !race.hasFailed) {
      const part = this.#next++;
      const start = part * this.#partSize;
      const body = await readRange(this.#path, start, Math.min(start + this.#partSize, this.#size));
      const query = { partNumber: String(part + 1), uploadId: id };
      const headers = await put(this.#client, { ...this.#address, query, body });
      const etag = headers.get("etag");
      if (etag === null) throw this.#odd("a part has no ETag");
      this.#etags[part] = etag;
    }
  }

  async #complete(uploadId: string): Promise<void> {
    const parts = this.#etags.map((etag, part) =>
      `<Part><PartNumber>${part + 1}</PartNumber><ETag>${
        etag.replaceAll("&", "&amp;")
      }</ETag></Part>`
    );
    const body = new TextEncoder().encode(
      `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`,
    );
    try {
      const said = await this.#client.text({
        ...{ ...this.#address, method: "POST", query: { uploadId }, doing: "write" },
        ...{ body, checksum: createHash("sha256").update(body).digest("hex") },
        headers: { "content-type": "application/xml" },
      });
      // It may think better of it after it has said 200.
      const code = textOf(said, "Code");
      if (code !== null) throw this.#odd(code);
    } catch (error) {
      // The answer to the first try may have been lost, and then there is no such upload any more.
      if (!(error instanceof NoSuchObject) || !await this.#isThere()) throw error;
    }
  }

  async #isThere(): Promise<boolean> {
    try {
      return (await statObject(this.#client, this.#address)).size === this.#size;
    } catch (error) {
      if (error instanceof NoSuchObject) return false;
      throw error;
    }
  }

  #odd(what: string): SourceError {
    return new SourceError(
      `Cannot write ${showAddress(this.#address)}: ${what}. Try again, or check AWS_ENDPOINT_URL.`,
    );
  }
}
