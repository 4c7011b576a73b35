/** What is asked of single objects, without reading them. */
import type { S3Address } from "./address.ts";
import type { S3Client } from "./client.ts";

/** Takes back parts of an upload that was not completed. */
export async function abortUpload(
  client: S3Client,
  address: S3Address,
  uploadId: string,
): Promise<void> {
  const request = { method: "DELETE", query: { uploadId }, doing: "write" } as const;
  await (await client.send({ ...address, ...request })).bytes();
}

/** Throws NoSuchObject. Asked for a byte, S3 says more about what is wrong than asked for none. */
export async function statObject(
  client: S3Client,
  address: S3Address,
): Promise<{ readonly size: number }> {
  const answer = await client.send({
    ...{ ...address, method: "GET", headers: { range: "bytes=0-0" }, doing: "read" },
  });
  await answer.discard();
  const total = /\/(\d+)$/u.exec(answer.headers.get("content-range") ?? "")?.[1];
  return { size: Number(total ?? answer.headers.get("content-length")) };
}

/** One that isn't there counts as removed. */
export async function removeObject(client: S3Client, address: S3Address): Promise<void> {
  await (await client.send({ ...address, method: "DELETE", doing: "delete" })).bytes();
}
