/** The whole loop, with a client of openapi-typescript and openapi-fetch. */
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/schema.ts";
import type { Loop } from "./loop.ts";

const BASE = "/api/v1/ingest";

type Run = components["schemas"]["Run"];

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: components["schemas"]["Failure"];
}

class Failed extends Error {
  constructor(readonly code: components["schemas"]["FailureCode"], message: string) {
    super(message);
  }
}

function dataOf<Data>({ data, error }: Answer<Data>): Data {
  if (error !== undefined) throw new Failed(error.code, error.message);
  if (data === undefined) throw new Error("the answer is empty");
  return data;
}

export const loop: Loop = async ({ baseUrl, token, good, bad, repair, ended }) => {
  const client = createClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${token}` },
  });
  const show = async (id: number, rows = 0): Promise<Run> => {
    const answer = await client.GET(`${BASE}/{id}`, { params: { path: { id }, query: { rows } } });
    return dataOf(answer).data;
  };
  const settled = async (id: number): Promise<Run> => {
    await ended(id);
    return await show(id);
  };
  const upload = async (file: Blob, dry_run = false): Promise<Run> => {
    const key = crypto.randomUUID();
    const form = new FormData();
    form.set("file", file, "people.csv");
    form.set("dry_run", String(dry_run));
    const send = () =>
      client.POST(`${BASE}/upload/{importer}`, {
        params: { path: { importer: "people" }, header: { "Idempotency-Key": key } },
        body: { file, dry_run },
        bodySerializer: () => form,
      });
    const answer = await send();
    if (dataOf(await send()).data.id !== dataOf(answer).data.id) throw new Error("two runs");
    const run = dataOf(answer).data;
    if (answer.response.headers.get("location") !== `${BASE}/${run.id}`) throw new Error("where?");
    return run;
  };

  const { data: importers } = dataOf(await client.GET(`${BASE}/importers`));
  const form = new FormData();
  form.set("file", bad, "people.csv");
  const { data: preview } = dataOf(
    await client.POST(`${BASE}/preview/{importer}`, {
      params: { path: { importer: "people" }, query: { skip_lines: 0 } },
      body: { file: bad },
      bodySerializer: () => form,
    }),
  );
  const tried = await settled((await upload(bad, true)).id);
  const first = await settled((await upload(bad)).id);

  const summary = dataOf(
    await client.GET(`${BASE}/{id}/errors/summary`, { params: { path: { id: first.id } } }),
  ).data;
  const [group] = summary.validation_summary;

  const cells: string[] = [];
  let cursor: string | undefined;
  do {
    const page = dataOf(
      await client.GET(`${BASE}/{id}/rows`, {
        params: {
          path: { id: first.id },
          query: { status: "failed", limit: 1, cursor, group: [group.group] },
        },
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
    await client.GET(`${BASE}/{id}/failed-rows/download`, {
      params: { path: { id: first.id }, query: { raw: true } },
      parseAs: "text",
    }),
  );
  const repaired = new Blob([repair(failed)]);
  const edited = new FormData();
  edited.set("file", repaired, "repaired.csv");
  const retry = dataOf(
    await client.POST(`${BASE}/{id}/retry`, {
      params: { path: { id: first.id } },
      body: { file: repaired },
      bodySerializer: () => edited,
    }),
  ).data;
  await settled(retry.id);
  const { progress: { unresolved } } = await show(first.id);

  const again = await client.POST(`${BASE}/{id}/retry`, {
    params: { path: { id: first.id } },
    body: { dry_run: false },
  });
  const nothingLeft = again.error?.code;

  const second = await upload(bad);
  const cancelled = dataOf(
    await client.POST(`${BASE}/{id}/cancel`, {
      params: { path: { id: second.id } },
      body: { now: true },
    }),
  ).data;
  await settled(second.id);
  const resumed = dataOf(
    await client.POST(`${BASE}/{id}/resume`, {
      params: { path: { id: second.id } },
      body: { max_errors: "50%" },
    }),
  ).data;
  await settled(resumed.id);
  const waived = dataOf(
    await client.POST(`${BASE}/{id}/waive`, {
      params: { path: { id: second.id } },
      body: { all: true, reason: "a test" },
    }),
  );

  const third = await settled((await upload(good)).id);
  const undo = dataOf(
    await client.POST(`${BASE}/{id}/undo`, { params: { path: { id: third.id } } }),
  ).data;
  const undone = await settled(undo.id);

  const timeline = dataOf(
    await client.GET(`${BASE}/{id}/timeline`, {
      params: { path: { id: second.id }, query: { limit: 100 } },
    }),
  );
  const completed = dataOf(
    await client.GET(BASE, {
      params: { query: { status: "completed", importer: "people", limit: 100 } },
    }),
  );
  const missing = await client.GET(`${BASE}/{id}`, { params: { path: { id: 999_999 } } });
  const removed = await client.DELETE(`${BASE}/{id}`, { params: { path: { id: tried.id } } });

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
    removed: removed.response.status,
  };
};
