/** The client of this process, for the bucket in which it stores files. */
import { S3Client } from "./client.ts";

let client: S3Client | null = null;

export function s3(): S3Client {
  return client ??= new S3Client();
}
