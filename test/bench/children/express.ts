import type { AddressInfo } from 'node:net';
import express from 'express';
import qrcode from 'qrcode';
import { serve } from './serve.ts';

/** Bare express: answers a path with bytes that it is given. */
const app = express();
const answers = new Map<string, { body: string; type: string }>();
/** A picture drawn anew for each request, as a program of a few lines would. */
app.get('/qr', async (request, response) => {
  response.type('png').send(await qrcode.toBuffer(String(request.query['text']), { type: 'png', scale: 6, margin: 4 }));
});
app.get('/{*path}', (request, response) => {
  const answer = answers.get(request.path);
  if (!answer) return void response.sendStatus(404);
  response.type(answer.type).send(answer.body);
});

serve({
  listen: () =>
    new Promise((resolve) => {
      const server = app.listen(0, '127.0.0.1', () => {
        resolve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
      });
    }),
  answer: ({ path, body, type }: { path: string; body: string; type: string }) => {
    answers.set(path, { body, type });
  },
});
