import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * A port for who lets go of it and wants it back. It is below those that the system gives to sockets that name none, so
 * nobody is given it meanwhile.
 */
export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
};
