/** The whole loop, with a client of @hey-api/openapi-ts. */
import { client } from "./generated/client.gen.ts";
import * as ingest from "./generated/index.ts";
import type { Failure, FailureCode, Run } from "./generated/index.ts";
import type { Loop } from "./loop.ts";

class Failed extends Error {
  constructor(readonly code: FailureCode, message: string) {
    super(message);
  }
}

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: Failure;
}

function dataOf<Data>({ data, error }: Answer<Data>): Data {
  if (error !== undefined) throw new Failed(error.code, error.message);
  if (data === undefined) throw new Error("the answer is empty");
  return data;
}

export const loop: Loop = async ({ baseUrl, token, good, bad, repair, ended }) => {
  client.setConfig({ baseUrl, auth: token });
  const show = async (id: number, rows = 0): Promise<Run> =>
    dataOf(await ingest.showRun({ path: { id }, query: { rows } })).data;
  const settled = async (id: number): Promise<Run> => {
    await ended(id);
    return await show(id);
  };
  const upload = async (file: Blob, dry_run = false): Promise<Run> => {
    const key = crypto.randomUUID();
    const send = () =>
      ingest.uploadFile({
        path: { importer: "people" },
        headers: { "Idempotency-Key": key },
        body: { file: new File([file], "people.csv"), dry_run },
      });
    const answer = await send();
    if (dataOf(await send()).data.id !== dataOf(answer).data.id) throw new Error("two runs");
    const run = dataOf(answer).data;
    const location = answer.response?.headers.get("location");
    if (location !== `/api/v1/ingest/${run.id}`) throw new Error("where?");
    return run;
  };

  const { data: importers } = dataOf(await ingest.listImporters());
  const { data: preview } = dataOf(
    await ingest.previewFile({
      path: { importer: "people" },
      query: { skip_lines: 0 },
      body: { file: new File([bad], "people.csv") },
    }),
  );
  const tried = await settled((await upload(bad, true)).id);
  const first = await settled((await upload(bad)).id);

  const { data: summary } = dataOf(
    await ingest.summarizeErrors({ path: { id: first.id } }),
  );
  const [group] = summary.validation_summary;

  const cells: string[] = [];
  let cursor: string | undefined;
  do {
    const page = dataOf(
      await ingest.listRows({
        path: { id: first.id },
        query: { status: "failed", limit: 1, cursor, group: [group.group] },
      }),
    );
    for (const { row_number, data, errors } of page.data) {
      for (const { source_column, code } of errors?.details ?? []) {
        if (source_column === null) continue;
        cells.push(`${row_number} ${source_column} ${code}: ${data[source_column]}`);
      }
    }
    cursor = page.meta.next_cursor ?? undefined;
  } while (cursor !== undefined);

  const failed = dataOf(
    await ingest.downloadFailedRows({ path: { id: first.id }, query: { raw: true } }),
  );
  const { data: retry } = dataOf(
    await ingest.retryWithFile({
      path: { id: first.id },
      body: { file: new File([repair(failed)], "repaired.csv") },
    }),
  );
  await settled(retry.id);
  const { progress: { unresolved } } = await show(first.id);

  const again = await ingest.retryRun({
    path: { id: first.id },
    body: { dry_run: false },
  });
  const nothingLeft = again.error?.code;

  const second = await upload(bad);
  const { data: cancelled } = dataOf(
    await ingest.cancelRun({ path: { id: second.id }, body: { now: true } }),
  );
  await settled(second.id);
  const { data: resumed } = dataOf(
    await ingest.resumeRun({ path: { id: second.id }, body: { max_errors: "50%" } }),
  );
  await settled(resumed.id);
  const waived = dataOf(
    await ingest.waiveRows({
      path: { id: second.id },
      body: { all: true, reason: "a test" },
    }),
  );

  const third = await settled((await upload(good)).id);
  const { data: undo } = dataOf(await ingest.undoRun({ path: { id: third.id } }));
  const undone = await settled(undo.id);

  const timeline = dataOf(
    await ingest.showTimeline({ path: { id: second.id }, query: { limit: 100 } }),
  );
  const completed = dataOf(
    await ingest.listRuns({
      query: { status: "completed", importer: "people", limit: 100 },
    }),
  );
  const missing = await ingest.showRun({ path: { id: 999_999 } });
  const removed = await ingest.deleteRun({ path: { id: tried.id } });

  return {
    importers: importers.map(({ slug }) => slug),
    preview: preview.rows.map(({ errors }) => errors.map(({ code, from }) => [code, ...from])),
    tried: [tried.dry_run, tried.progress.failed],
    first: [first.status, first.progress.failed],
    group: [group.message, group.count, ...group.sample_rows],
    cells,
    unresolved,
    nothingLeft,
    cancelled: cancelled.is_terminal || cancelled.cancel_requested_at !== null,
    waived: waived.rows,
    undone: [undone.kind, undone.progress.deleted],
    events: timeline.data.map(({ type }) => type).includes("waived"),
    completed: completed.data.some(({ id }) => id === third.id),
    missing: missing.error?.code,
    removed: removed.response?.status,
  };
};
