import { fileURLToPath } from 'node:url';
import { type Log, sentence } from 'waha-runtime';

/** Beside this file in the package, where `npm pack` built them. */
const packed = fileURLToPath(new URL('./page', import.meta.url));

/**
 * The folder of the page's files. In a checkout, where nothing is built, they are built now unless that was done for these sources before: so a
 * clone shows the dashboard without a build step, what it shows is never stale, and no built file is kept in the repository. What fails there takes
 * the page with it, not the server.
 */
export const pageFolder = async (log: Log): Promise<string> => {
  if (import.meta.url.endsWith('.js')) return packed;
  try {
    const { builtPage } = await import('./build-page.ts');
    return await builtPage(() => log.info('building the dashboard, once for these sources'));
  } catch (error) {
    log.error(`the dashboard cannot be built: ${sentence(error)}`);
    return packed;
  }
};
