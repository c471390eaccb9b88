import { AppId, notFound, type RouteGroup, route, SessionName, Type } from 'waha-runtime';
import type { ChatwootApp } from './chatwoot-app.ts';
import { WebhookBody } from './inward/webhook-body.ts';
import { locales } from './texts/locales.ts';

const Params = Type.Object({ session: SessionName, id: AppId });

/** Where Chatwoot calls. It sends no key: the app's id, which nobody guesses, stands for one. */
export const webhookGroup = (find: (session: string, id: string) => ChatwootApp | undefined): RouteGroup => ({
  tag: 'Apps',
  routes: [
    route({
      method: 'POST',
      path: '/webhooks/chatwoot/{session}/{id}',
      access: 'public',
      summary: 'Take what an agent did in Chatwoot',
      description: 'The address for the webhook of the inbox. A repeated call is handled once.',
      params: Params,
      body: WebhookBody,
      responses: {
        201: {
          description: 'The call is stored, and will be handled',
          schema: Type.Object({ success: Type.Boolean() }),
        },
        404: { description: 'The app does not exist, or is disabled' },
      },
      async handle({ params: { session, id }, body }) {
        const app = find(session, id);
        if (!app) throw notFound('there is no such app');
        await app.take(body);
        return { success: true };
      },
    }),
    route({
      method: 'GET',
      path: '/api/apps/chatwoot/locales',
      session: 'any',
      right: 'any',
      summary: 'List the languages of the texts that Chatwoot shows',
      responses: {
        200: { description: 'By code', schema: Type.Array(Type.Object({ code: Type.String(), name: Type.String() })) },
      },
      handle: () => Object.entries(locales).map(([code, words]) => ({ code, name: words['locale.name'] ?? code })),
    }),
  ],
});
