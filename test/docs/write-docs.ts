import { writeFileSync } from 'node:fs';
import { pages } from './reference.ts';

for (const [file, page] of Object.entries(pages)) {
  writeFileSync(file, await page());
  console.log(`wrote ${file}`);
}
