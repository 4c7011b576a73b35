/** Loads a file from a bucket. */
import { LocalS3 } from "../programs/local_s3.ts";
import { EMPTY } from "../states.ts";
import { INSERT } from "./fresh.ts";
import { logs, type Measurement, validRows, type Workload } from "./workload.ts";

const FROM_BUCKET: Measurement = {
  name: "file in a bucket",
  state: EMPTY,
  needs: null,
  expected: validRows,
  check: logs(() => 0),
  async run(database, { files, folders, ingest, rows, temporary, signal }) {
    await using s3 = await LocalS3.start(temporary, signal);
    const address = await s3.put((await files.get("valid", rows)).path);
    const args = ["run", "insert", "--file", address, "--importers", folders.importers];
    return await ingest.load(database, args, { created: rows }, {
      ...{ denoFlags: [], environment: s3.environment },
    });
  },
};

export const BUCKET_WORKLOADS: readonly Workload[] = [
  {
    name: "file in a bucket (local S3 server)",
    against: "ours of the local file",
    bar: 1.3,
    ours: FROM_BUCKET,
    reference: INSERT,
  },
];
