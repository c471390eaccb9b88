import { definePlugin, didYouMean } from 'waha-runtime';
import { unhonoured } from './variables.ts';

/** For `configs/waha-env.yaml`: what WAHA's environment asks for and does not get is said once, with what to do. */
export default definePlugin({
  name: 'waha-env',
  description: "Says which of WAHA's environment variables have no effect here, and what to do instead",
  setup({ log }) {
    const found = unhonoured(process.env, didYouMean);
    if (found.size === 0) return;
    const lines = [...found].map(([name, advice]) => `  ${name}: ${advice}`);
    log.warn(`of WAHA's environment, this has no effect here (docs/from-waha.md):\n${lines.join('\n')}`);
  },
});
