import type { Principal, Right } from './contracts/http.ts';
import { forbidden } from './errors.ts';

/** Whether a caller may see what belongs to a session. */
export const maySee = ({ sessions }: Pick<Principal, 'sessions'>, session: string): boolean =>
  sessions === '*' || sessions.some((name) => fits(name, session));

/** Whether a session is the one of this name, or one of those that `support-*` stands for. */
const fits = (name: string, session: string): boolean =>
  name.endsWith('*') ? session.startsWith(name.slice(0, -1)) : name === session;

/** Whether a caller has a right. */
export const mayDo = ({ rights, admin }: Pick<Principal, 'rights' | 'admin'>, right: Right): boolean =>
  right === 'admin' ? admin : rights === '*' || rights.includes(right);

/** Throws `FORBIDDEN` for a caller without a right: for what a request needs besides the right of its route. */
export const demandRight = (principal: Principal, right: Right): void => {
  if (!mayDo(principal, right)) throw forbidden(`this key may not do this; it needs the right '${right}'`);
};
