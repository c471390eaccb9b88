import { type Backups, type Route, reply, route, Type } from 'waha-runtime';

/** Everything that a server keeps, as one file. */
export const backupRoute = (backups: Backups): Route =>
  route({
    method: 'POST',
    path: '/api/server/backup',
    right: 'admin',
    summary: 'Back the server up',
    description:
      'Copies sessions, accounts, messages and keys while everything goes on; files of messages are left out. `waha restore` ' +
      'unpacks the answer into an empty folder. Whoever has it can act as every account.',
    responses: {
      200: {
        description: 'A compressed tar. `x-backup-bytes` says how long its files are together',
        content: { 'application/gzip': Type.String({ format: 'binary' }) },
      },
      403: { description: 'The key is no admin key' },
      409: { description: 'Another backup is under way' },
      422: { description: "A database's own tools do it" },
    },
    async handle({ signal }) {
      const { at, bytes, archive } = await backups.make();
      if (signal.aborted) archive.destroy();
      const name = `waha-${new Date(at).toISOString().slice(0, 19).replaceAll(':', '-')}.tgz`;
      const headers = {
        'content-disposition': `attachment; filename="${name}"`,
        'x-backup-bytes': String(bytes),
        'cache-control': 'no-store',
      };
      return reply({ body: archive, contentType: 'application/gzip', headers });
    },
  });
