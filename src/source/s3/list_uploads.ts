/** Uploads that were begun and neither completed nor taken back, page by page. */
import type { S3Client } from "./client.ts";
import { elementsOf, textOf } from "./xml.ts";

export interface UnfinishedUpload {
  readonly key: string;
  readonly id: string;
  /** Milliseconds since 1970; NaN if the server doesn't say. */
  readonly begun: number;
}

/** Those whose keys begin with a prefix. They may be taken back meanwhile. Throws SourceError. */
export async function* listUploads(
  client: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<UnfinishedUpload> {
  let next: readonly [key: string, id: string] | null = null;
  for (;;) {
    const xml: string = await client.text({
      ...{ method: "GET", bucket, key: "", doing: "list" },
      query: {
        ...{ prefix, uploads: "" },
        ...next !== null && { "key-marker": next[0], "upload-id-marker": next[1] },
      },
    });
    for (const one of elementsOf(xml, "Upload")) {
      const [key, id] = [textOf(one, "Key"), textOf(one, "UploadId")];
      const begun = Date.parse(textOf(one, "Initiated") ?? "");
      if (key !== null && id !== null) yield { key, id, begun };
    }
    const after = textOf(xml, "NextKeyMarker");
    const isLast = textOf(xml, "IsTruncated") !== "true" || after === null;
    const later = [after ?? "", textOf(xml, "NextUploadIdMarker") ?? ""] as const;
    // A server that sends the same page again knows no others.
    if (isLast || later[0] === next?.[0] && later[1] === next[1]) return;
    next = later;
  }
}
