/** `s3://bucket/key`: an object, or those whose keys fit a pattern. */
import { extname, join } from "node:path";
import { SourceError, TooLarge } from "../../error.ts";
import { isZip } from "../../binary.ts";
import { readUpTo } from "../../file/range.ts";
import { identifyFile } from "../../file/identify_file.ts";
import { parseAddress, requireAddress, showAddress } from "../../s3/address.ts";
import { S3Client } from "../../s3/client.ts";
import { download } from "../../s3/download.ts";
import { isKeyPattern, keyPattern, listObjects, prefixOf } from "../../s3/list_objects.ts";
import { MAX_FILES } from "../../file/list_files.ts";
import type { Fetched, Place, RemoteAccess, RemoteKind, RemoteObject, Wanted } from "../remote.ts";
import { megabytes } from "../size_words.ts";

export const s3Kind: RemoteKind = {
  // There is nothing secret in such an address.
  shown: (address) => address,
  expectedInstead: (address) => {
    const key = parseAddress(address)?.key ?? "";
    return key === "" || key.endsWith("/")
      ? "a bucket and a key or a pattern, such as s3://my-bucket/exports/*.csv.gz"
      : null;
  },
  list: listS3,
  fetch: fetchS3,
};

async function listS3(
  { address }: Place,
  access: RemoteAccess,
): Promise<readonly RemoteObject[]> {
  const { bucket, key: pattern } = requireAddress(address);
  // Without a list, no right to list is needed.
  if (!isKeyPattern(pattern)) return [{ name: address, address, version: null }];
  const fits = keyPattern(pattern);
  const found: RemoteObject[] = [];
  let isNamed = false;
  for await (const { objects } of listObjects(clientFor(access), bucket, prefixOf(pattern))) {
    for (const { key, etag } of objects) {
      isNamed ||= key === pattern;
      if (!fits.test(key) || key.endsWith("/")) continue;
      const object = showAddress({ bucket, key });
      found.push({ name: object, address: object, version: { etag, lastModified: null } });
    }
    if (found.length > MAX_FILES) {
      throw new SourceError(
        `Cannot import ${address}: it means more than ${MAX_FILES} files. Import them in several runs.`,
      );
    }
  }
  // The key may have brackets in it.
  if (isNamed) return [{ name: address, address, version: null }];
  if (found.length > 0) return found;
  throw new SourceError(
    `Cannot import ${address}: no object has such a name. Check the pattern, upper and lower case too.`,
  );
}

async function fetchS3(
  { address, name }: RemoteObject,
  _place: Place,
  access: RemoteAccess,
  { known, folder, beginning }: Wanted,
): Promise<Fetched | null> {
  await Deno.mkdir(folder, { recursive: true });
  const extension = /^\.[a-z0-9]{1,10}$/iu.exec(extname(address))?.[0] ?? "";
  const path = join(folder, `${crypto.randomUUID()}${extension}`);
  try {
    const get = (beginning?: number) =>
      download(clientFor(access), requireAddress(address), path, {
        ...{ maxBytes: access.maxBytes, knownEtag: known?.etag ?? null, beginning },
      });
    let got = await get(beginning);
    if (got?.isBeginning && isZip(await readUpTo(path, 0, 4))) {
      // The list of what is in an archive comes last.
      await Deno.remove(path);
      got = await get();
    }
    if (got === null) {
      await Deno.remove(path);
      return null;
    }
    const { size, etag, isBeginning } = got;
    const version = { etag, lastModified: null };
    return { path, size, ...await identifyFile(path), name, version, notes: [], isBeginning };
  } catch (error) {
    await Deno.remove(path).catch(() => {/* it was not created, or `prune` finds it */});
    if (!(error instanceof TooLarge)) throw error;
    throw new SourceError(
      `Cannot fetch ${name}: it is larger than the ${
        megabytes(access.maxBytes)
      } that are allowed. Allow more in the definition: \`source: {max_download: …}\`.`,
    );
  }
}

function clientFor({ variable, signal }: RemoteAccess): S3Client {
  return new S3Client(variable, { signal });
}
