import { signal } from '@preact/signals';

const storedAs = 'waha.key';

/**
 * The key of this tab. It is kept in the tab's own storage, which ends with the tab, and goes out in headers only. The empty string: a server
 * that asks for none. Null: nobody has signed in.
 */
export const key = signal<string | null>(sessionStorage.getItem(storedAs));

export const signIn = (text: string): void => {
  sessionStorage.setItem(storedAs, text);
  key.value = text;
};

export const signOut = (): void => {
  sessionStorage.removeItem(storedAs);
  key.value = null;
};
