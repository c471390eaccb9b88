import { type Forwarder, type Log, sentence } from 'waha-runtime';

/** Who asks for the figures. */
export interface Asked {
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Says that another process behind the same port asks: it wants the figures of one. */
const oneHeader = 'x-waha-one';
const keyHeaders = ['x-api-key', 'authorization'];

/** The expositions of the other processes behind the port; one that does not answer is left out. */
export const fromSiblings = async (
  forwarder: Forwarder | undefined,
  path: string,
  { headers, signal }: Asked,
  log: Pick<Log, 'warn'>,
): Promise<string[]> => {
  if (!forwarder || headers[oneHeader] !== undefined) return [];
  const keys = keyHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]]));
  const asking = (forwarder.siblings ?? []).map(async (place) => {
    const call = { method: 'GET', path, headers: { ...Object.fromEntries(keys), [oneHeader]: '1' } } as const;
    const { status, bytes } = await forwarder.call(place, { ...call, body: undefined, signal });
    if (status !== 200) throw new Error(`it answers ${status}`);
    return bytes.toString('utf8');
  });
  const answers = await Promise.allSettled(asking);
  return answers.flatMap((answer) => {
    if (answer.status === 'fulfilled') return [answer.value];
    log.warn(`the figures of another process are left out: ${sentence(answer.reason)}`);
    return [];
  });
};
