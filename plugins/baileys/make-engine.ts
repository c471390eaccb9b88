import { BaileysEngine, type EngineOptions } from './engine.ts';
import { installNativeSignatures } from './libsignal/native-signatures.ts';
import { keepTriedSessions } from './libsignal/tried-sessions.ts';
import { trustRoot, verifySignatures } from './libsignal/verify-signatures.ts';
import { forgetObjectWords } from './repairs/text-attributes.ts';

/** Repairs what Baileys has for the whole process, and makes the engine. */
export const makeEngine = (options: EngineOptions): BaileysEngine => {
  verifySignatures();
  installNativeSignatures();
  keepTriedSessions();
  forgetObjectWords();
  if (options.endpoint) trustRoot(options.endpoint.rootKey);
  return new BaileysEngine(options);
};
