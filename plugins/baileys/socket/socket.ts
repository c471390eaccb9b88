import type { makeWASocket } from '@whiskeysockets/baileys';

/** Baileys' socket: what `makeWASocket` returns. The library itself gives the type no name. */
export type BaileysSocket = ReturnType<typeof makeWASocket>;
