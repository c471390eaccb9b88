import { fileURLToPath } from 'node:url';
import { type Log, sentence } from 'waha-runtime';

/** Beside this file in the package, where `npm pack` built them. */
const packed = fileURLToPath(new URL('./page', import.meta.url));

/**
 * The folder of the page's files. In a checkout, where nothing is built, they are built now unless that was done for these sources before: so a
 * clone shows the dashboard without a build step, what it shows is never stale, and no built file is kept in the repository. The server does not
 * wait for it, and what fails there takes the page with it, not the server.
 */
export const pageFolder = async (log: Log, signal: AbortSignal): Promise<string> => {
  if (import.meta.url.endsWith('.js')) return packed;
  const fails = (error: unknown) => signal.aborted || log.error(`the dashboard cannot be built: ${sentence(error)}`);
  try {
    const { builtPage, placeOfPage } = await import('./build-page.ts');
    const folder = placeOfPage();
    const onBuild = () => log.info('building the dashboard, once for these sources');
    void builtPage({ onBuild, signal }).catch(fails);
    return folder;
  } catch (error) {
    fails(error);
    return packed;
  }
};
