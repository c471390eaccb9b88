import { writeFileSync } from 'node:fs';
import { publicSurface, reportFile } from './public-surface.ts';

writeFileSync(reportFile, await publicSurface());
console.log(`wrote ${reportFile}`);
