/** What is guessed about a file is told: in the run's warnings, in `status` and in the API. */
import assert from "node:assert/strict";
import { renderRun } from "../../src/cli/render/run_status.ts";
import { PLAIN } from "../../src/cli/render/style.ts";
import { runReport } from "../../src/report/run_report.ts";
import { encodedAs } from "../source/encoding/encoded.ts";
import { workshop } from "./importing.ts";

const FILES: readonly {
  readonly what: string;
  readonly file: string | Uint8Array;
  readonly definition?: string;
  readonly read_as: { readonly encoding: string; readonly delimiter: string };
  readonly status: RegExp | null;
  readonly warnings: readonly RegExp[];
}[] = [
  {
    what: "UTF-8 with commas",
    file: "id,name\n1,Zoë\n",
    read_as: { encoding: "utf-8", delimiter: "," },
    status: null,
    warnings: [],
  },
  {
    what: "a guessed delimiter without a doubt",
    file: "id;name\n1;a, b\n2;c\n",
    read_as: { encoding: "utf-8", delimiter: ";" },
    status: /^read as delimiter ;$/m,
    warnings: [],
  },
  {
    what: "a guessed delimiter with a doubt",
    file: "id;name,x\n1;a,b\n2;c,d\n",
    read_as: { encoding: "utf-8", delimiter: "," },
    status: null,
    warnings: [/^The delimiter is taken to be ",", but ";" fits as well\./],
  },
  {
    what: "apostrophes that may be quotes",
    file: "'id','name'\n'1','it''s'\n",
    definition: "columns: { id: \"'id'\" }\n",
    read_as: { encoding: "utf-8", delimiter: "," },
    status: null,
    warnings: [/^Values are enclosed in apostrophes .* say --quote "'"/],
  },
  {
    what: "a guessed encoding",
    file: encodedAs("windows-1252", "id\tname\n1\tZoë\n"),
    read_as: { encoding: "windows-1252", delimiter: "\t" },
    status: /^read as windows-1252, delimiter tab$/m,
    warnings: [/^Read as windows-1252, since it is not UTF-8\./],
  },
  {
    what: "what the definition says",
    file: encodedAs("windows-1252", "id;name,x\n1;Zoë,\n"),
    definition: "source: { encoding: cp1252, delimiter: ';' }\n",
    read_as: { encoding: "windows-1252", delimiter: ";" },
    status: /^read as windows-1252, delimiter ;$/m,
    warnings: [],
  },
];

for (const { what, file, definition = "", ...told } of FILES) {
  Deno.test(`how a file is read is told: ${what}`, async () => {
    await using shop = await workshop(
      'create table t (id text, name text, "id;name" text, "name,x" text, x text)',
    );
    const columns = definition.includes("columns:") ? "" : "columns: { x: { value: y } }\n";
    const yaml = `table: t\n${columns}options: { unmapped: auto }\n${definition}`;
    const run = await shop.drive(await shop.create(yaml, file));
    const report = await runReport(shop.ledger, run.id, { rows: 0 });
    const { encoding, delimiter } = report.read_as;
    assert.deepEqual({ encoding, delimiter }, told.read_as);
    const own = report.warnings.filter((line) => /^(Read as|The delimiter|Values)/u.test(line));
    assert.equal(own.length, told.warnings.length, own.join("\n"));
    for (const warning of told.warnings) assert.match(own.join("\n"), warning);
    const view = { report, workers: null, waitingOn: null, stuck: false };
    const shown = renderRun(view, { width: 200, now: new Date(), style: PLAIN }).join("\n");
    if (told.status === null) assert.doesNotMatch(shown, /^read as/m);
    else assert.match(shown, told.status);
    for (const warning of own) assert.ok(shown.includes(`warning: ${warning}`));
  });
}
