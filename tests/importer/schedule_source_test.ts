/** What a definition says of when its source is loaded. */
import assert from "node:assert/strict";
import { cronInWords, cronMistake } from "../../src/importer/cron_line.ts";
import { parseDefinition } from "../../src/importer/parse.ts";
import { accepted } from "./accepted.ts";

function problemOf(source: string, more = ""): string {
  const result = parseDefinition(`table: t\n${more}source: {${source}}\n`, "t.yaml");
  assert.ok("problems" in result, `${source} was accepted`);
  return result.problems.map(({ message }) => message).join("\n");
}

Deno.test("a cron line is meant in the source's time zone, else the definition's, else UTC", () => {
  const zoneOf = (text: string) => accepted(text).source.schedule?.time_zone;
  const source = 'source: {type: file, path: a.csv, cron: "0 6 * * 1-5"';
  assert.equal(zoneOf(`table: t\n${source}}\n`), "UTC");
  assert.equal(zoneOf(`table: t\ntime_zone: Europe/Berlin\n${source}}\n`), "Europe/Berlin");
  assert.equal(zoneOf(`table: t\n${source}, time_zone: Asia/Tokyo}\n`), "Asia/Tokyo");
});

Deno.test("schedules need a source that is always in the same place, and make sense", () => {
  const file = "type: file, path: a.csv";
  assert.match(problemOf("every: 15m"), /always in the same place/u);
  assert.match(
    problemOf("type: folder, path: in/, done: d/, failed: f/, every: 15m"),
    /watched all the time/u,
  );
  assert.match(problemOf(`${file}, every: 15m, cron: "0 6 * * *"`), /together/u);
  assert.match(problemOf(`${file}, every: 1s`), /from 10s to 1y/u);
  assert.match(problemOf(`${file}, every: often`), /such as 15m/u);
  assert.match(problemOf(`${file}, if_running: wait`), /needs every or cron/u);
  assert.match(problemOf(`${file}, every: 15m, time_zone: UTC`), /needs cron/u);
  assert.match(problemOf(`${file}, cron: "0 6 * * *", time_zone: Berlin`), /such as Europe/u);
});

Deno.test("cron lines that are wrong, or never due, are refused", () => {
  for (
    const line of [
      "0 6 * * 1-5",
      "*/15 * * * *",
      "0 0 29 2 *",
      "0 9,17 * jan-mar MON",
      "5 4 31 2 1",
    ]
  ) {
    assert.equal(cronMistake(line), null, line);
  }
  for (const line of ["0 0 31 2 *", "0 0 31 4,6 *", "0 0 30 2 *"]) {
    assert.match(cronMistake(line) ?? "", /never due/u, line);
  }
  const wrong = ["", "@daily", "0 6 * *", "0 0 6 * * 1", "60 * * * *", "0 24 * * *", "0 0 0 * *"];
  for (
    const line of [...wrong, "0 0 * 13 *", "0 0 * * 8", "5-1 * * * *", "*/0 * * * *", "L * * * *"]
  ) {
    assert.notEqual(cronMistake(line), null, line);
  }
});

Deno.test("cron lines are told in words", () => {
  const words = [
    ["0 6 * * 1-5", "at 06:00 on Monday to Friday"],
    ["5 4 * * *", "at 04:05 every day"],
    ["30 * * * *", "at minute 30 of every hour"],
    ["* * * * *", "every minute"],
    ["0 0 1 jan *", "at 00:00 on day 1 of the month in January"],
    ["0 0 13 * fri", "at 00:00 on day 13 of the month, and on Friday"],
  ];
  assert.deepEqual(words.map(([line]) => cronInWords(line)), words.map(([, text]) => text));
});
