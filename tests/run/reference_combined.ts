/** Random imports that combine all that a definition can ask for. */
import fc from "fast-check";
import { anyCase, type Case, type Transaction } from "./reference_case.ts";
import { anyAbsent, anyKills, anyOtherTables } from "./reference_others.ts";
import { applyOneByOne, failedRows } from "./reference_model.ts";

const anyTransaction = fc.constantFrom<Transaction>(
  "batch",
  "batch",
  "batch",
  "atomic",
  "run",
  "aside",
);

export const anyCombined: fc.Arbitrary<Case> = combine(anyCase);

/** Files with few keys, for tables where rows that share one can be applied at once. */
export const anyRepeating: fc.Arbitrary<Case> = combine(anyCase.map(repeating));

function combine(cases: fc.Arbitrary<Case>): fc.Arbitrary<Case> {
  return fc.record({
    each: cases,
    transaction: anyTransaction,
    others: fc.option(anyOtherTables, { freq: 3 }),
    absent: fc.option(anyAbsent, { freq: 3 }),
    kills: anyKills,
    /** Without the rows that would fail: of all rows or none, there would mostly be none. */
    clean: fc.boolean(),
  }).map(({ each, transaction, others, absent, kills, clean }) => {
    const combined = allowed({
      ...each,
      transaction,
      others: others ?? each.others,
      absent,
      kills,
    });
    return clean && isWhole(combined) ? withoutFailures(combined) : combined;
  });
}

function repeating(each: Case): Case {
  const few = each.shape.key === "text" ? ["a", "b", "d"] : ["1", "2", "5"];
  return {
    ...each,
    shape: {
      ...each.shape,
      keyIndex: "primary",
      emailIndex: each.shape.emailIndex === "unique" ? "unique" : "none",
      parent: false,
      trigger: "none",
      computed: false,
      partitioned: false,
      rowSecurity: false,
    },
    rules: { ...each.rules, hasKey: true, onDuplicate: "update" },
    rows: each.rows.map((row) =>
      "ragged" in row || !/^[1-5][0-9]$/.test(row.k) ? row : { ...row, k: few[Number(row.k) % 3] }
    ),
    batchRows: 1 + each.schedule % 60,
  };
}

export function isWhole({ transaction }: Case): boolean {
  return transaction === "run" || transaction === "aside";
}

/** Leaves out what a definition can't combine, or a table doesn't allow. */
function allowed(each: Case): Case {
  const { shape, rules, others } = each;
  // Links and children refer to the row by its key.
  const refers = shape.keyIndex === "primary";
  const mayLack = isWhole(each) && rules.hasKey && rules.onDuplicate !== "fail" &&
    !shape.rowSecurity && each.rows.length > 0;
  const absent = mayLack && each.absent !== null
    // A table that only loses rows is refused.
    ? {
      ...each.absent,
      marks: each.absent.marks || rules.onMissing !== "insert",
      despite: each.absent.despite && each.transaction === "aside",
    }
    : null;
  const related = refers && absent === null;
  return {
    ...each,
    absent,
    others: {
      ...others,
      labels: related ? others.labels : null,
      items: related ? others.items : null,
    },
  };
}

function withoutFailures(each: Case): Case {
  for (let now = each;;) {
    const failed = failedRows(applyOneByOne(now));
    if (failed.length === 0) return now;
    const rows = now.rows.filter((_, index) => !failed.includes(index + 1));
    now = { ...now, rows, ...rows.length === 0 && { absent: null } };
  }
}
