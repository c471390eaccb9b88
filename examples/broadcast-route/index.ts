import { definePlugin, Points, route, SessionName, sentence, Tokens, Type } from 'waha-runtime';

const Broadcast = Type.Object({
  chatIds: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 100, uniqueItems: true }),
  text: Type.String({ minLength: 1, maxLength: 4096 }),
});

const BroadcastResult = Type.Object({
  sent: Type.Array(Type.Object({ chatId: Type.String(), id: Type.String() })),
  failed: Type.Array(Type.Object({ chatId: Type.String(), error: Type.String() })),
});

/** `POST /api/{session}/broadcast`: one text to many chats, with its schemas in the OpenAPI document. */
export default definePlugin({
  name: 'broadcast-route',
  needs: { sessions: Tokens.Sessions },
  setup({ contribute, services: { sessions } }) {
    const broadcast = route({
      method: 'POST',
      path: '/api/{session}/broadcast',
      summary: 'Send one text to many chats',
      params: Type.Object({ session: SessionName }),
      body: Broadcast,
      responses: { 201: { description: 'What became of each', schema: BroadcastResult } },
      handle: async ({ params, body }) => {
        const { messages } = await sessions.client(params.session);
        const sent: { chatId: string; id: string }[] = [];
        const failed: { chatId: string; error: string }[] = [];
        for (const chatId of body.chatIds) {
          await messages.sendText({ chatId, text: body.text }).then(
            ({ id }) => sent.push({ chatId, id }),
            (error: unknown) => failed.push({ chatId, error: sentence(error) }),
          );
        }
        return { sent, failed };
      },
    });
    contribute(Points.Routes, { tag: 'Broadcast', description: 'One text, many chats', routes: [broadcast] });
  },
});
