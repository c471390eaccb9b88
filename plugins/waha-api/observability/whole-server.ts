import { forbidden, type Principal } from 'waha-runtime';

/** Throws `FORBIDDEN` for a key that is limited to some sessions: this is about all of them. */
export const demandWholeServer = ({ name, sessions }: Principal): void => {
  if (sessions !== '*') throw forbidden(`key '${name}' is limited to some sessions; this concerns the whole server`);
};
