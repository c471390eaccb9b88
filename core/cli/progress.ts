/** How far long work has come. */
export interface Progress {
  step(message: string): void;
  done(message: string): void;
}

/** A bar where somebody watches; lines that say the beginning and the end where output goes to a file. */
export const showProgress = async (title: string, total: number): Promise<Progress> => {
  if (!process.stderr.isTTY || total === 0) {
    console.error(title);
    return { step: () => undefined, done: (message) => console.error(message) };
  }
  const { progress } = await import('@clack/prompts');
  const bar = progress({ max: total, output: process.stderr });
  bar.start(title);
  return { step: (message) => bar.advance(1, message), done: (message) => bar.stop(message) };
};
