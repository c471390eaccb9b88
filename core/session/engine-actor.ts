import { fromCallback } from 'xstate';
import type { EngineConnection, EngineSignal } from '../contracts/engine.ts';
import type { SessionConfig } from '../contracts/session-config.ts';
import type { Connect, SessionEvent } from './context.ts';

export type EngineCommand =
  | { readonly type: 'close' }
  | { readonly type: 'unlink' }
  | { readonly type: 'probe' }
  | { readonly type: 'configure'; readonly config: SessionConfig };

export interface EngineActorInput {
  readonly connect: Connect;
}

/**
 * One connection as an actor: its signals become events of the machine, and stopping it cuts the socket. Here alone is
 * known whether the connection is still the session's: what it says once the actor is stopped is dropped. After `unlink` the close is held back until WhatsApp was told or could not be told.
 */
export const engineActor = fromCallback<EngineCommand, EngineActorInput>(({ input, sendBack, receive }) => {
  let over = false;
  let unlinking = false;
  let closed: EngineSignal | null = null;
  const send = (event: SessionEvent): void => {
    if (!over) (sendBack as (event: SessionEvent) => void)(event);
  };
  const signal = (event: EngineSignal): void => {
    if (unlinking && event.type === 'engine.closed') closed = event;
    else send(event);
  };
  const connection = input.connect({ signal, isCurrent: () => !over });
  receive((command) => {
    if (command.type === 'configure') connection.configure?.(command.config);
    if (command.type === 'probe')
      void probe(connection).then((alive) => send({ type: alive ? 'engine.alive' : 'engine.deaf' }));
    if (command.type === 'close') ignoreFailure(connection.close());
    if (command.type !== 'unlink' || unlinking) return;
    unlinking = true;
    void unlink(connection).then((told) => {
      unlinking = false;
      send({ type: 'engine.unlinked', told });
      if (closed) send(closed);
    });
  });
  return () => {
    over = true;
    connection.cut?.();
    ignoreFailure(connection.close());
  };
});

/** An engine that cannot prove it is taken at its word. */
const probe = (connection: EngineConnection): Promise<boolean> =>
  (connection.probe?.() ?? Promise.resolve()).then(
    () => true,
    () => false,
  );

const unlink = (connection: EngineConnection): Promise<boolean> =>
  connection.logout().then(
    () => true,
    () => false,
  );

/** A close that fails has no one left to tell: the connection is given up either way. */
const ignoreFailure = (work: Promise<void>): void => {
  work.catch(() => undefined);
};
