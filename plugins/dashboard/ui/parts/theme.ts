import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
const storedAs = 'waha.theme';

const stored = (): Theme => {
  const text = localStorage.getItem(storedAs);
  return text === 'light' || text === 'dark' ? text : 'system';
};

export const theme = signal<Theme>(stored());

/** Shows the page as the user chose, else as the system does. */
export const followTheme = (): void => {
  effect(() => {
    const chosen = theme.value;
    if (chosen === 'system') {
      delete document.documentElement.dataset['theme'];
      localStorage.removeItem(storedAs);
    } else {
      document.documentElement.dataset['theme'] = chosen;
      localStorage.setItem(storedAs, chosen);
    }
  });
};

const isDark = (): boolean =>
  theme.value === 'dark' || (theme.value === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);

export const toggleTheme = (): void => {
  theme.value = isDark() ? 'light' : 'dark';
};
