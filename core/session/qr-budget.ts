import type { SessionContext } from './context.ts';
import { noQr, type QrBudget } from './context.ts';

/** What the user is told after a scan that linked nothing. */
export const scanAgainNote =
  'WhatsApp has retired the code that was scanned: scan the one that is shown now, once more';

/** Takes new codes: the first ones open the budget, later ones go on within it. */
export const announce = ({ qr, timings, clock }: SessionContext, codes: readonly string[]): QrBudget => {
  if (qr.slot >= 0) return { ...qr, codes, code: null };
  return { ...qr, slot: 0, slotEndsAt: clock.now() + (timings.qr[0] ?? 0), codes, code: null };
};

/** Takes the same codes with another secret: the one that is shown keeps its place, and the clock goes on. */
export const refresh = ({ qr }: SessionContext, codes: readonly string[]): QrBudget => {
  const shown = codes.length - qr.codes.length - 1;
  return { ...qr, code: codes[shown] ?? null, codes: codes.slice(shown + 1), scanAgain: true };
};

/** Shows the next code in the slot that the clock says. Without a code or without a slot there is nothing to show. */
export const showNext = (context: SessionContext): QrBudget => {
  const qr = atCurrentSlot(context);
  const [code = null, ...codes] = qr.codes;
  return { ...qr, codes, code };
};

/** The slot ended: its code is gone, and the next slot begins. */
export const endSlot = ({ qr, timings }: SessionContext): QrBudget => {
  const slot = qr.slot + 1;
  return { ...qr, slot, slotEndsAt: qr.slotEndsAt + (timings.qr[slot] ?? 0), code: null };
};

/** Slots pass while no connection is there, too. */
const atCurrentSlot = (context: SessionContext): QrBudget => {
  let qr = context.qr;
  while (qr.slot >= 0 && qr.slot < context.timings.qr.length - 1 && qr.slotEndsAt <= context.clock.now()) {
    qr = endSlot({ ...context, qr });
  }
  return qr;
};

/** Nothing can be scanned any more; the budget goes on. */
export const forgetCodes = ({ qr }: SessionContext): QrBudget =>
  qr.slot < 0 ? noQr : { ...qr, codes: [], code: null };

/** Nothing is shown, and no time passes. */
export const pause = (context: SessionContext): QrBudget => ({ ...hideCode(context), pausedAt: context.clock.now() });

/** The time goes on where it stood. */
export const resume = ({ qr, clock }: SessionContext): QrBudget => {
  if (qr.pausedAt === null) return qr;
  return { ...qr, slotEndsAt: qr.slotEndsAt + clock.now() - qr.pausedAt, pausedAt: null };
};

/** No code is left to show, though the connection stays. */
export const hideCode = ({ qr }: SessionContext): QrBudget => ({ ...qr, codes: [], code: null });
