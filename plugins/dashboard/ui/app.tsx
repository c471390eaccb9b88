import { useEffect, useRef } from 'preact/hooks';
import { Redirect, Route, Router, Switch } from 'wouter-preact';
import { useHashLocation } from 'wouter-preact/use-hash-location';
import { detectFeatures } from './api/features.ts';
import { key } from './api/key.ts';
import { startClock } from './live/clock.ts';
import { startLive } from './live/connection.ts';
import { followEvents } from './live/events.ts';
import { followSessions } from './live/sessions.ts';
import { AppsPage } from './pages/apps.tsx';
import { ChatsPage } from './pages/chats.tsx';
import { EventsPage } from './pages/events.tsx';
import { KeysPage } from './pages/keys.tsx';
import { SandboxPage } from './pages/sandbox.tsx';
import { ServerPage } from './pages/server.tsx';
import { SessionPage } from './pages/session.tsx';
import { SessionsPage } from './pages/sessions.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { WebhooksPage } from './pages/webhooks.tsx';
import { Navigation } from './parts/navigation.tsx';
import { Toasts } from './parts/toasts.tsx';

export function App() {
  return (
    <>
      {key.value === null ? <SignIn /> : <SignedIn />}
      <Toasts />
    </>
  );
}

/** What runs for as long as somebody is signed in. */
const useLive = (): void =>
  useEffect(() => {
    void detectFeatures();
    const stops = [startClock(), followSessions(), followEvents(), startLive()];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

function SignedIn() {
  useLive();
  return (
    <Router hook={useHashLocation}>
      <div class="shell">
        <button type="button" class="skip" onClick={skip}>
          Skip to the content
        </button>
        <Navigation />
        <main id="main" tabIndex={-1}>
          <Pages />
        </main>
      </div>
    </Router>
  );
}

/** The hash holds the page's place, so a jump within the page is made by hand. */
const skip = (): void => document.getElementById('main')?.focus();

/** A link that was followed is gone with its page; whoever has no mouse goes on at the content. */
const useFocusAfterNavigation = (): void => {
  const [location] = useHashLocation();
  const before = useRef(location);
  useEffect(() => {
    const isFirst = before.current === location || before.current === '/';
    before.current = location;
    if (!isFirst && document.activeElement === document.body) document.getElementById('main')?.focus();
  }, [location]);
};

function Pages() {
  useFocusAfterNavigation();
  return (
    <Switch>
      <Route path="/sessions" component={SessionsPage} />
      <Route path="/sessions/:name">{({ name }) => <SessionPage key={name} name={decodeURIComponent(name)} />}</Route>
      <Route path="/chats/:session?/:chat?">
        {({ session, chat }) => (
          <ChatsPage session={session && decodeURIComponent(session)} chat={chat && decodeURIComponent(chat)} />
        )}
      </Route>
      <Route path="/events" component={EventsPage} />
      <Route path="/webhooks" component={WebhooksPage} />
      <Route path="/server" component={ServerPage} />
      <Route path="/sandbox" component={SandboxPage} />
      <Route path="/keys" component={KeysPage} />
      <Route path="/apps" component={AppsPage} />
      <Route>
        <Redirect to="/sessions" replace />
      </Route>
    </Switch>
  );
}
