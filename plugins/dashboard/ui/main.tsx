import { render } from 'preact';
import './styles/main.css';
import { loadSettings } from './api/client.ts';
import { App } from './app.tsx';
import { followTheme } from './parts/theme.ts';

followTheme();
const place = document.getElementById('app');
const start = (): void => {
  if (place) render(<App />, place);
};
// A server that is gone is told by the page, once it is asked for something.
loadSettings().then(start, start);
