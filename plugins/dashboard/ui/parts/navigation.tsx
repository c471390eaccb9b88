import {
  Activity,
  Blocks,
  BookOpen,
  FlaskConical,
  KeyRound,
  LogOut,
  type LucideIcon,
  MessageSquare,
  Server,
  Smartphone,
  SunMoon,
  Webhook,
} from 'lucide-preact';
import { Link, useRoute } from 'wouter-preact';
import { root } from '../api/client.ts';
import { type Features, features } from '../api/features.ts';
import { key, signOut } from '../api/key.ts';
import { type LiveState, liveState } from '../live/connection.ts';
import { toggleTheme } from './theme.ts';

interface Entry {
  readonly path: string;
  readonly word: string;
  readonly icon: LucideIcon;
  readonly needs?: keyof Features;
}

const entries: readonly Entry[] = [
  { path: '/sessions', word: 'Sessions', icon: Smartphone },
  { path: '/chats', word: 'Chats', icon: MessageSquare, needs: 'chats' },
  { path: '/events', word: 'Events', icon: Activity },
  { path: '/webhooks', word: 'Webhooks', icon: Webhook, needs: 'webhooks' },
  { path: '/server', word: 'Server', icon: Server },
  { path: '/sandbox', word: 'Sandbox', icon: FlaskConical, needs: 'sandbox' },
  { path: '/keys', word: 'Keys', icon: KeyRound, needs: 'keys' },
  { path: '/apps', word: 'Apps', icon: Blocks, needs: 'apps' },
];

function Entry({ path, word, icon: Icon }: Entry) {
  const [isHere] = useRoute(`${path}/*?`);
  return (
    <li>
      <Link href={path} aria-current={isHere ? 'page' : undefined}>
        <Icon size={18} aria-hidden="true" />
        <span>{word}</span>
      </Link>
    </li>
  );
}

const liveWords: Readonly<Record<LiveState, string>> = {
  open: 'Live',
  connecting: 'Connecting',
  waiting: 'Disconnected',
};

export function Navigation() {
  const known = features.value;
  return (
    <nav class="side" aria-label="Pages">
      <div class="brand">
        <img src="./icon.svg" alt="" width={28} height={28} />
        <span class="brand-name">waha-runtime</span>
        <span class={`live live-${liveState.value}`} role="status">
          {liveWords[liveState.value]}
        </span>
      </div>
      <ul>{entries.map((entry) => (!entry.needs || known?.[entry.needs]) && <Entry key={entry.path} {...entry} />)}</ul>
      <div class="side-foot">
        <a
          class="icon-button"
          href={new URL('swagger/', root).href}
          target="_blank"
          rel="noreferrer"
          title="API reference"
        >
          <BookOpen size={18} aria-label="API reference" />
        </a>
        <button
          type="button"
          class="icon-button"
          title="Light or dark"
          aria-label="Light or dark"
          onClick={toggleTheme}
        >
          <SunMoon size={18} aria-hidden="true" />
        </button>
        {key.value !== '' && (
          <button type="button" class="icon-button" title="Sign out" aria-label="Sign out" onClick={signOut}>
            <LogOut size={18} aria-hidden="true" />
          </button>
        )}
      </div>
    </nav>
  );
}
