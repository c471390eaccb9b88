declare const carried: unique symbol;

/**
 * Names one service in the container: whoever provides it and whoever needs it hold the same token.
 * A token is a plain symbol, so it is an injection token of tsyringe as it is (`@inject(Tokens.Sessions)`),
 * and `Symbol.for` makes two installed copies of the runtime agree.
 */
export type Token<T> = symbol & { readonly [carried]?: T };

/** Names a list that plugins add to; the owner of the list reads it in `onReady`. */
export type Point<T> = symbol & { readonly [carried]?: T };

/** The service type that a token stands for. */
export type Provided<K> = K extends Token<infer T> ? T : never;

/** Makes the token `waha:<name>`. */
export const token = <T>(name: string): Token<T> => Symbol.for(`waha:${name}`) as Token<T>;

/** Makes the point `waha:point:<name>`. */
export const point = <T>(name: string): Point<T> => Symbol.for(`waha:point:${name}`) as Point<T>;

/** The name in a token or a point, for error messages. */
export const nameOf = (key: symbol): string => (key.description ?? '').replace(/^waha:(point:)?/, '');
