import {
  definePlugin,
  type EventFilter,
  type HealthIndicator,
  Points,
  route,
  Type,
  tooManyRequests,
} from 'waha-runtime';

export default definePlugin({
  name: 'points',
  setup({ contribute, http }) {
    // Changes or drops an event, before any sink sees it. Answers at once.
    const noStatus: EventFilter = {
      name: 'no-status',
      filter: (event) => (event.event === 'message' && event.payload.from === 'status@broadcast' ? null : event),
    };
    contribute(Points.EventFilter, noStatus);

    // Gets every event, in order, after it is stored.
    contribute(Points.EventSink, {
      name: 'siem',
      accepts: ({ event }) => event === 'session.status',
      deliver: async (_, { body }) => {
        await http.request({ method: 'POST', url: 'https://siem.example/events', body });
      },
    });

    // Wraps every call that goes out to WhatsApp.
    contribute(Points.ClientPolicy, {
      name: 'short',
      async send(call, next) {
        if (call.method === 'messages.sendText' && call.args[0].text.length > 4_096) {
          throw tooManyRequests('that is too much text', 1);
        }
        return next(call);
      },
    });

    // An operation of the HTTP API: checked, documented, behind the key.
    const double = route({
      method: 'GET',
      path: '/api/double/{number}',
      summary: 'Double a number',
      params: Type.Object({ number: Type.Integer() }),
      responses: { 200: { description: 'Twice as much', schema: Type.Object({ result: Type.Integer() }) } },
      handle: ({ params }) => ({ result: params.number * 2 }),
    });
    contribute(Points.Routes, { tag: 'Arithmetic', routes: [double] });

    // A line of /health.
    const siem: HealthIndicator = { name: 'siem', check: () => ({ status: 'up' }) };
    contribute(Points.HealthIndicator, siem);
  },
});
