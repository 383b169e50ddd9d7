import { DuckDBInstance } from '@duckdb/node-api';

/** Runs one statement; the rows of a query come as JSON, with numbers beyond 2⁵³ as text. */
export type Query = <Row>(sql: string) => Promise<Row[]>;

/**
 * Gives `fn` a database in memory.
 *
 * @param threads 1 where equal input must give equal bytes
 */
export async function withDuckDb<T>(fn: (query: Query) => Promise<T>, threads = 1): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) });
  try {
    const connection = await instance.connect();
    try {
      return await fn(async <Row>(sql: string) => {
        const result = await connection.runAndReadAll(sql);
        return result.getRowObjectsJson() as Row[]; // the caller knows the columns of its query
      });
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A name in SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in SQL. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A path in SQL, where DuckDB reads files: it takes `*`, `?` and `[` in a name for a pattern. */
export const pathLiteral = (path: string): string => literal(path.replace(/[*?[]/g, '[$&]'));
