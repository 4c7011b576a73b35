/** SQL that reads operators from the catalog, in the form in which SQL calls them. */

/** SQL: `operator(public.=)`, the operator of a family with this strategy, for values of a type. */
export function operatorInFamily(family: string, type: string, strategy: string | number): string {
  return `(select ${calledAs("p", "n")} from pg_amop a
    join pg_operator p on p.oid = a.amopopr join pg_namespace n on n.oid = p.oprnamespace
    where a.amopfamily = ${family} and a.amoplefttype = ${type} and a.amoprighttype = ${type}
      and a.amopstrategy = ${strategy})`;
}

/** SQL: how the operator `p` in the namespace `n` is called. */
export function calledAs(operator: string, namespace: string): string {
  return `format('operator(%I.%s)', ${namespace}.nspname, ${operator}.oprname)`;
}

/** SQL: what follows an operand to compare it by this collation instead of its own. */
export function collateBy(collation: string, own: string): string {
  return `case when ${collation} in (0, ${own}) then '' else (
    select format(' collate %I.%I', n.nspname, c.collname)
    from pg_collation c join pg_namespace n on n.oid = c.collnamespace where c.oid = ${collation})
    end`;
}
