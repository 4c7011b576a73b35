/**
 * What s3rver stores, as a bucket stores it: whole or not at all. s3rver itself answers before a file
 * is on the disk, writes into a file that somebody may be reading, and looks at an object's bytes and
 * at its checksum one after the other.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { dirname } from "node:path";

interface Stored {
  readonly size: number;
  readonly md5: string;
}

type Content = Uint8Array | AsyncIterable<Uint8Array>;

interface NewObject {
  readonly bucket: string;
  readonly key: string;
  readonly content: Content;
  readonly metadata: unknown;
}

/** What is used of s3rver's FilesystemStore. */
export interface Store {
  getResourcePath(bucket: string, key: string | undefined, resource: string): string;
  putMetadata(bucket: string, key: string, metadata: unknown, md5: string): Promise<void>;
  putObject(object: NewObject): Promise<Stored>;
  putPart(bucket: string, upload: string, part: number, content: Content): Promise<Stored>;
  getObject(...asked: readonly unknown[]): Promise<unknown>;
  listObjects(...asked: readonly unknown[]): Promise<unknown>;
  deleteObject(...asked: readonly unknown[]): Promise<unknown>;
}

/** Nobody sees half of what another request does. */
export function makeAtomic(store: Store): void {
  const alone = inTurn();
  store.putObject = async ({ bucket, key, content, metadata }) => {
    const bytes = await gathered(content);
    const md5 = md5Of(bytes);
    await alone(async () => {
      await replace(store.getResourcePath(bucket, key, "object"), bytes);
      await store.putMetadata(bucket, key, metadata, md5);
    });
    return { size: bytes.length, md5 };
  };
  store.putPart = async (bucket, upload, part, content) => {
    const bytes = await gathered(content);
    const md5 = md5Of(bytes);
    const path = `${store.getResourcePath(bucket, undefined, "uploads")}/${upload}/${part}`;
    await alone(async () => {
      await replace(path, bytes);
      await Deno.writeTextFile(`${path}.md5`, md5);
    });
    return { size: bytes.length, md5 };
  };
  for (const name of ["getObject", "listObjects", "deleteObject"] as const) {
    const plain = store[name].bind(store);
    store[name] = (...asked) => alone(() => plain(...asked));
  }
}

/** One thing at a time, in the order of the calls. */
function inTurn() {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
}

async function gathered(content: Content): Promise<Uint8Array> {
  if (content instanceof Uint8Array) return content;
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Whoever reads the file that was there goes on with that one. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(`${path}.unfinished`, bytes);
  await Deno.rename(`${path}.unfinished`, path);
}

function md5Of(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
