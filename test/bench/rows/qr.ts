import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pair } from '../report/statistics.ts';
import type { Row } from '../row.ts';
import { barrage } from '../sides/http.ts';
import { NodeProcess } from '../sides/process.ts';
import { Waha } from '../sides/waha.ts';

const inFlight = 8;
const requests = 300;
const session = 'qr';

/** The QR code as a picture, as dashboards poll it. */
export const qr: Row = {
  name: 'qr',
  title: 'GET /api/{session}/auth/qr as PNG',
  quick: false,
  async measure(bench) {
    const folder = mkdtempSync(join(tmpdir(), 'waha-bench-qr-'));
    const waha = await Waha.start(bench.package, { folder, sandbox: await bench.sandbox(), atOnce: 8 });
    const express = new NodeProcess(bench.package.child('express'));
    try {
      const { url } = await express.call<{ url: string }>('listen');
      await waha.post('/api/sessions', { name: session });
      const { value } = await waha.get<{ value: string }>(`/api/${session}/auth/qr?format=raw`);
      const rounds: Pair[] = [];
      const headers = { ...waha.headers, accept: 'image/png' };
      const path = `/api/${session}/auth/qr?format=image`;
      for (let round = 0; round <= bench.options.rounds; round++) {
        const bare = { path: `/qr?text=${encodeURIComponent(value)}`, requests: 60, inFlight };
        const pair = {
          floor: await barrage(url, bare),
          ours: await barrage(waha.url, { path, headers, requests, inFlight }),
        };
        if (round > 0) rounds.push(pair);
      }
      const title = `GET ${path}; floor: bare express drawing it with qrcode`;
      return [{ row: 'qr', unit: 'requests/s', title, rounds }];
    } finally {
      await Promise.all([waha.stop(), express.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
