import assert from "node:assert/strict";
import {
  customers,
  outcome,
  servingCustomers,
  TWO_BAD,
  upload,
  uploadAndDrive,
} from "./customer_runs.ts";

Deno.test("the summary of errors counts rows by what went wrong, the most frequent first", async () => {
  await using api = await servingCustomers();
  const rows = ["a@x,A,1", "b@x,B,x", "c@x,C,y", "d@x,,z", "a@x,A,2"];
  const id = await uploadAndDrive(api, ["email,name,age", ...rows, ""].join("\n"));
  const { status, body } = await api.ask(`/${id}/errors/summary`);
  assert.equal(status, 200);
  assert.deepEqual(body, {
    data: {
      total_failed_rows: 3,
      error_summary: [{
        group: "7ab9b401f7365352",
        message: "The given data was invalid.",
        count: 3,
        code: "validation",
        column: null,
        sample_rows: [2, 3, 4],
      }],
      validation_summary: [
        {
          group: "d88ea2a4d99ba36c",
          message: "age: The age field must be a whole number.",
          count: 3,
          code: "type",
          column: "age",
          sample_rows: [2, 3, 4],
        },
        {
          group: "b5e17ebf8ec62a37",
          message: "name: The name field is required.",
          count: 1,
          code: "required",
          column: "name",
          sample_rows: [4],
        },
      ],
    },
  });
  const good = await uploadAndDrive(api, customers(3));
  assert.deepEqual((await api.ask(`/${good}/errors/summary`)).body.data, {
    total_failed_rows: 0,
    error_summary: [],
    validation_summary: [],
  });
});

Deno.test("the failed rows are downloaded as a file that a spreadsheet may open", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  const { status, headers, body } = await api.ask(`/${id}/failed-rows/download`);
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "text/csv; charset=UTF-8");
  assert.equal(
    headers.get("content-disposition"),
    `attachment; filename="failed-rows-${id}.csv"`,
  );
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  const lines = [
    "_error_message,email,name,age,_row_number,_run_id",
    `The age field must be a whole number.,bob@example.com,Bob,x,2,${id}`,
    `The name field is required.,'=cmd@example.com,,7,3,${id}`,
    "",
  ];
  assert.equal(body, lines.join("\r\n"));
  const marked = await api.fetch(`/${id}/failed-rows/download?bom=1`);
  const bytes = await marked.bytes();
  assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
  assert.equal(new TextDecoder().decode(bytes), body);
  const raw = await api.ask(`/${id}/failed-rows/download?raw=1`);
  assert.equal(raw.body, lines.join("\r\n").replace("'=", "="));
});

Deno.test("if there is nothing to download, the answer says why", async () => {
  await using api = await servingCustomers();
  const good = await uploadAndDrive(api, customers(3));
  const none = await api.ask(`/${good}/failed-rows/download`);
  assert.equal(outcome(none), "404 no_failed_rows");
  assert.equal(none.body.message, `No row of run ${good} has failed: nothing to export.`);
  const open = await upload(api, TWO_BAD);
  assert.equal(outcome(await api.ask(`/${open}/failed-rows/download`)), "404 no_failed_rows");
  const silent = await uploadAndDrive(api, TWO_BAD, "unlogged");
  const unlogged = await api.ask(`/${silent}/failed-rows/download`);
  assert.equal(outcome(unlogged), "409 conflict");
  assert.match(unlogged.body.message, /it logs no rows \(options\.log_rows: none\)/u);
});

Deno.test("asking for the headers of a download leaves no connection waiting for a reader", async () => {
  await using api = await servingCustomers();
  const id = await uploadAndDrive(api, TWO_BAD);
  // More requests than connections for downloads.
  for (let n = 0; n < 6; n++) {
    const head = await api.fetch(`/${id}/failed-rows/download`, { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    assert.match(head.headers.get("content-disposition") ?? "", /failed-rows/u);
  }
  assert.match((await api.ask(`/${id}/failed-rows/download`)).body, /^_error_message,email,/u);
});
