import { signal } from '@preact/signals';

interface Toast {
  readonly id: number;
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

const toasts = signal<readonly Toast[]>([]);
/** How long one stays (ms); failures are longer to read. */
const stays = { done: 3_000, failed: 9_000 };
let made = 0;

const dismiss = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

const say = (kind: Toast['kind'], text: string): void => {
  const toast = { id: ++made, kind, text };
  toasts.value = [...toasts.value.slice(-3), toast];
  setTimeout(() => dismiss(toast.id), stays[kind]);
};

export const sayDone = (text: string): void => say('done', text);
export const sayFailed = (error: unknown): void =>
  say('failed', error instanceof Error ? error.message : 'that did not work');

/** Runs an action of the user and tells how it went. True when it went well. */
export const attempt = async (action: () => Promise<unknown>, done?: string): Promise<boolean> => {
  try {
    await action();
    if (done) sayDone(done);
    return true;
  } catch (error) {
    sayFailed(error);
    return false;
  }
};

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, kind, text }) => (
        <button key={id} type="button" class={`toast ${kind}`} onClick={() => dismiss(id)} title="Dismiss">
          {text}
        </button>
      ))}
    </div>
  );
}
