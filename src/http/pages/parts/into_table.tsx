/** From where to where rows go: `customers.csv → customers`. */
export function IntoTable({ from, table }: { from: string | null; table: string }) {
  return (
    <>
      {from !== null && (
        <>
          <bdi>{from}</bdi> <span aria-label="into">→</span>
          {" "}
        </>
      )}
      <code>
        <bdi>{table}</bdi>
      </code>
    </>
  );
}
