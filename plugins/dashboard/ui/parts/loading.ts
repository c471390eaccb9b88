import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { onGap } from '../live/connection.ts';

export interface Loaded<T> {
  readonly value: T | undefined;
  readonly error: Error | undefined;
  readonly reload: () => void;
}

/** What a request answers, read again when `inputs` change, after a gap in the events, and every so often when asked to. */
export const useLoaded = <T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
  every?: number,
): Loaded<T> => {
  const [state, setState] = useState<{ value?: T; error?: Error }>({});
  const running = useRef<AbortController | null>(null);
  const latest = useRef(load);
  latest.current = load;
  const reload = useCallback(() => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    latest.current(controller.signal).then(
      (value) => controller.signal.aborted || setState({ value }),
      (error: unknown) =>
        controller.signal.aborted ||
        setState((before) => ({ ...before, error: error instanceof Error ? error : new Error(String(error)) })),
    );
  }, []);
  useEffect(() => {
    setState({});
    reload();
    const stop = onGap(reload);
    const timer = every ? setInterval(() => document.hidden || reload(), every) : undefined;
    return () => {
      stop();
      clearInterval(timer);
      running.current?.abort();
    };
  }, inputs);
  return { value: state.value, error: state.error, reload };
};
