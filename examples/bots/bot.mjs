// Answers "ping" with "pong". Run it with `node bot.mjs`, and let the server's webhook point to http://localhost:8000/.
import { createServer } from 'node:http';

const api = process.env.WAHA_URL ?? 'http://localhost:3000';
const headers = { 'X-Api-Key': process.env.WAHA_API_KEY ?? '', 'Content-Type': 'application/json' };

const answer = async ({ event, session, payload }) => {
  if (event !== 'message' || payload.body !== 'ping') return;
  const body = JSON.stringify({ session, chatId: payload.from, text: 'pong', reply_to: payload.id });
  await fetch(`${api}/api/sendText`, { method: 'POST', headers, body });
};

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  // First say that it came: an event that is not confirmed within ten seconds comes again.
  response.end();
  await answer(JSON.parse(Buffer.concat(chunks).toString())).catch((error) => console.error(error));
});
server.listen(Number(process.env.PORT ?? 8000), () => console.log(`listening on ${server.address().port}`));
