import { createServer } from 'node:http';
import { Once } from './once.js';
import { verify } from './verify.js';

const key = process.env.WEBHOOK_KEY ?? '';
const port = Number(process.env.PORT ?? 3001);
const largestBody = 25 * 1024 * 1024;

if (key === '') {
  console.error('Set WEBHOOK_KEY to the hmac key of the webhook.');
  process.exit(1);
}

/** Your code. What it throws is answered with 500, and the delivery comes again. */
const handle = async (event) => {
  console.log(`event ${event.id} ${event.event} of ${event.session}`);
};

const once = new Once();

const receive = async (request) => {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestBody) return 413;
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  try {
    verify(key, request.headers, body);
  } catch (error) {
    console.error(`refused: ${error.message}`);
    return 401;
  }
  const event = JSON.parse(body.toString('utf8'));
  const id = request.headers['webhook-id'] ?? event.id;
  const result = await once.run(id, () => handle(event));
  if (result === 'duplicate') console.log(`duplicate ${id}`);
  return 204;
};

const server = createServer(async (request, response) => {
  if (request.method !== 'POST') return response.writeHead(405).end();
  const status = await receive(request).catch((error) => {
    console.error(`failed: ${error.message}`);
    return 500;
  });
  response.writeHead(status).end();
});

// Longer than the sender keeps idle connections (4 s), so that it is the sender who closes them.
server.keepAliveTimeout = 10_000;
server.listen(port, () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
