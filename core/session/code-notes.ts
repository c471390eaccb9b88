/** What the user is told when the code in his hand was replaced. */
export const newCodeNote = 'WhatsApp asked for another pairing code: ask for the code again and type the new one';

/** The same, when nothing took its place. */
export const deadCodeNote = 'the pairing code is not valid any more: ask for another one';
