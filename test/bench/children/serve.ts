interface Request {
  readonly id: number;
  readonly call: string;
  readonly input: unknown;
}

/** Functions that the bench calls in this process over its IPC channel. */
export type Calls = Readonly<Record<string, (input: never) => unknown>>;

/** Answers the bench until it goes away. */
export const serve = (calls: Calls): void => {
  process.on('message', (message) => void answer(calls, message as Request));
  process.once('disconnect', () => process.exit());
};

const answer = async (calls: Calls, { id, call, input }: Request): Promise<void> => {
  try {
    const work = calls[call];
    if (!work) throw new Error(`there is no call '${call}'`);
    process.send?.({ id, result: (await work(input as never)) ?? null });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
};
