import { render } from 'preact';
import './styles/main.css';
import { App } from './app.tsx';
import { followTheme } from './parts/theme.ts';

followTheme();
const place = document.getElementById('app');
if (place) render(<App />, place);
