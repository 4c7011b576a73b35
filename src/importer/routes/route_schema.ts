/** The shape of `tables`: tables of which each takes some of the rows. */
import * as z from "zod/mini";
import { mapping } from "../schema_parts.ts";

const ROUTES = "a list of tables such as [{table: admins, when: {…}}, {table: users}]";

/** `own`: the keys of a definition that each table may have of its own. */
export function routesSchemaWith<Shape extends z.core.$ZodLooseShape>(own: Shape) {
  const route = mapping(
    { table: z.string({ error: "a table such as customers or public.customers" }), ...own },
    "a mapping such as {table: admins, when: {column: Type, equals: admin}}",
  );
  const error = ROUTES;
  return { route, routes: z.array(route, { error }).check(z.minLength(1, { error })) };
}
