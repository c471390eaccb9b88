import { decoded } from './key-tables.ts';
import type { PostgresReader } from './reader.ts';

/** An instance of Evolution API, version 2: its credentials are in the database, its keys in files or in Redis. */
export interface EvolutionInstance {
  /** The name of its folder of keys. */
  readonly id: string;
  readonly name: string;
  readonly creds: unknown;
  readonly config: unknown;
  readonly desired: 'running' | 'stopped';
}

/** The instances in Evolution's tables; none where these are not there. */
export const evolutionInstances = async (reader: PostgresReader): Promise<EvolutionInstance[]> => {
  const tables = await reader.rows(
    `SELECT table_schema AS schema, table_name AS name FROM information_schema.columns
     WHERE (table_name, column_name) IN (('Session', 'sessionId'), ('Session', 'creds'), ('Instance', 'connectionStatus'), ('Proxy', 'instanceId'))
     GROUP BY 1, 2`,
  );
  const schema = tables.find(({ name }) => name === 'Session')?.['schema'];
  const has = (name: string): boolean => tables.some((table) => table['schema'] === schema && table['name'] === name);
  if (typeof schema !== 'string' || !has('Instance')) return [];
  const within = (name: string): string => `"${schema.replaceAll('"', '""')}"."${name}"`;
  const proxy = has('Proxy')
    ? `LEFT JOIN ${within('Proxy')} p ON p."instanceId" = i.id AND p.enabled`
    : 'LEFT JOIN (SELECT NULL AS protocol, NULL AS host, NULL AS port, NULL AS username, NULL AS password) p ON false';
  const rows = await reader.rows(
    `SELECT i.id, i.name, i."connectionStatus"::text AS status, s.creds, p.protocol, p.host, p.port, p.username, p.password
     FROM ${within('Session')} s JOIN ${within('Instance')} i ON i.id = s."sessionId" ${proxy} ORDER BY i.name`,
  );
  return rows.map((row) => ({
    id: String(row['id']),
    name: String(row['name']),
    creds: decoded(row['creds']),
    config: row['host'] ? { proxy: proxyOf(row) } : undefined,
    desired: row['status'] === 'close' ? 'stopped' : 'running',
  }));
};

const proxyOf = ({ protocol, host, port, username, password }: Readonly<Record<string, unknown>>): object => ({
  server: `${protocol || 'http'}://${host}:${port}`,
  ...(username ? { username, password } : {}),
});
