/** Triggers that do to some rows what people's triggers do. What they do depends on the row alone. */
import fc from "fast-check";
import { identifier, literal } from "../../src/db/quoting.ts";

const KINDS = {
  changes: "before insert or update",
  takes: "before insert or update",
  raises: "before insert or update",
  "raises later": "after insert or update",
  "raises in the end": "after insert or update",
} as const;

export type TriggerKind = keyof typeof KINDS;

export const anyTriggers: fc.Arbitrary<readonly TriggerKind[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc.shuffledSubarray(Object.keys(KINDS) as TriggerKind[], {
      minLength: 1,
      maxLength: 2,
    }),
  },
);

/** What every table with triggers has beside the columns of the file. */
export const NOTE = "note";

/** A row's text must be the same whatever the role's settings are. */
const SETTINGS = `set datestyle = 'ISO' set intervalstyle = 'postgres' set bytea_output = 'hex'
  set extra_float_digits = 1 set timezone = 'UTC' set search_path = ''`;

/** `given`: the row without its note, which says how it was written before. */
function triggerFunction(name: string, body: string): string {
  return `create function ${name}() returns trigger language plpgsql ${SETTINGS} as $$
    declare note text := new.${NOTE}; given text;
    begin
      new.${NOTE} := null; given := new::text; new.${NOTE} := note;
      ${body}
      return new;
    end $$;`;
}

export const TRIGGER_FUNCTIONS = `
  create table taken (name text, row text);
  create function fate(given text, ways int) returns int language sql as $$
    select ('x' || left(md5(ways || given), 6))::bit(24)::int % ways $$;
  ${
  triggerFunction(
    "changes",
    `if public.fate(given, 3) = 0 then
       new := jsonb_populate_record(new, jsonb_build_object(tg_argv[0], null));
     end if;
     new.${NOTE} := left(md5(concat(note, given)), 6);`,
  )
}
  ${
  triggerFunction(
    "takes",
    `if public.fate(given, 4) = 0 then
       insert into public.taken values (tg_table_name, given);
       return null;
     end if;`,
  )
}
  ${
  triggerFunction(
    "raises",
    `case public.fate(tg_name || given, 8)
       when 0 then raise exception 'no' using errcode = 'XX000';
       when 1 then perform 1 / 0;
       else null;
     end case;`,
  )
}
`;

/** `column`: the one that a trigger may change. */
export function createTriggers(
  table: string,
  kinds: readonly TriggerKind[],
  column: string,
): string {
  return kinds.map((kind) => {
    const deferred = kind === "raises in the end";
    return `create ${deferred ? "constraint" : ""} trigger ${identifier(kind)} ${KINDS[kind]}
      on public.${identifier(table)} ${deferred ? "deferrable initially deferred" : ""}
      for each row execute function public.${kind.split(" ")[0]}(${literal(column)})`;
  }).join("; ");
}
