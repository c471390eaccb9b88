import { type Static, type TObject, type TSchema, Type } from 'typebox';

/** TypeBox: a schema is written once, and `Static` is the type of the values that it allows. */
export { type Static, type TObject, type TSchema, Type };

type Immutable<T> = T extends readonly (infer Item)[]
  ? readonly Immutable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Immutable<T[Key]> }
    : T;

/** What a schema describes, as those who read it get it: nobody changes it. */
export type ValueOf<S extends TSchema> = Immutable<Static<S>>;

/** Marks a schema's value as a secret: editors and `waha plugins` show that it exists, never what it is. */
export const secret = (options: Record<string, unknown> = {}) =>
  Type.String({ ...options, writeOnly: true, 'x-secret': true });

/**
 * Gives a schema a name. The OpenAPI document lists it once under `components/schemas` and refers to it.
 */
export const named = <S extends TSchema>(name: string, schema: S): S => {
  Object.defineProperty(schema, 'title', { value: name, enumerable: true, configurable: true });
  return schema;
};
