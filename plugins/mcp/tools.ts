import {
  type Contribution,
  type Forwarder,
  type Principal,
  type Route,
  type RouteGroup,
  type TSchema,
  Type,
} from 'waha-runtime';
import { callRoute, mayCall, type RouteAnswer, type RouteCall } from 'waha-runtime/http';
import { toolName } from './tool-names.ts';

/** A tool as clients are told of it. */
export interface ToolInfo {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: ObjectSchema;
  readonly annotations: {
    readonly title: string;
    readonly readOnlyHint: boolean;
    readonly destructiveHint: boolean;
    readonly idempotentHint: boolean;
    readonly openWorldHint: boolean;
  };
}

export interface ObjectSchema {
  readonly type: 'object';
  readonly properties: Readonly<Record<string, TSchema>>;
  readonly required: readonly string[];
  readonly [keyword: string]: unknown;
}

/** A tool: whether a caller has it, and what it does. */
export interface Tool {
  readonly info: ToolInfo;
  isFor(principal: Principal): boolean;
  /** `headers`: of the request of the protocol, with its key. */
  call(
    principal: Principal,
    input: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    headers: Readonly<Record<string, string | undefined>>,
  ): Promise<RouteAnswer>;
}

/** Answers with keys, serves files or changes the machine under the server: not for agents. */
const tagsLeftOut = new Set(['Api Keys', 'Apps', 'Files', '🧪 Sandbox']);
const pathsLeftOut = /^\/(?:mcp|metrics|health)|^\/api\/server\/debug\//;

/** A tool for every operation, by name. Of two with one name the first stays. `forwarder`: to sessions of other processes. */
export const toolsOf = (
  groups: readonly Contribution<RouteGroup>[],
  forwarder?: Forwarder,
): ReadonlyMap<string, Tool> => {
  const tools = new Map<string, Tool>();
  for (const { value } of groups) {
    if (tagsLeftOut.has(value.tag)) continue;
    for (const route of value.routes) {
      if (route.deprecated || route.access === 'public' || pathsLeftOut.test(route.path)) continue;
      const tool = toolOf(route, value.tag, forwarder);
      if (!tools.has(tool.info.name)) tools.set(tool.info.name, tool);
    }
  }
  return tools;
};

const toolOf = (route: Route, tag: string, forwarder?: Forwarder): Tool => {
  const { method, summary, description } = route;
  const places = { params: fieldsOf(route.params), query: fieldsOf(route.query), body: fieldsOf(route.body) };
  let call: RouteCall | undefined;
  return {
    info: {
      name: toolName(route),
      description: [`${summary}.`, description, `(${tag})`].filter(Boolean).join(' '),
      inputSchema: inputOf([route.params, route.query, route.body, hasMessages(route) ? Raw : undefined]),
      annotations: {
        title: summary,
        readOnlyHint: method === 'GET' || route.right === 'read',
        destructiveHint: method === 'DELETE' || /\/(?:logout|stop|leave|revoke|remove|delete)$/.test(route.path),
        idempotentHint: method !== 'POST',
        openWorldHint: true,
      },
    },
    isFor: (principal) => mayCall(route, principal),
    call(principal, input, signal, headers) {
      // Not at the start: few are ever called.
      call ??= callRoute(route, forwarder);
      const part = (names: readonly string[]) =>
        Object.fromEntries(names.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]));
      return call(
        principal,
        { params: part(places.params), query: part(places.query), body: part(places.body) },
        signal,
        headers,
      );
    },
  };
};

/** As WAHA has it: what WhatsApp sent is long, and says an agent little. */
const Raw = Type.Object({
  _data: Type.Optional(Type.Boolean({ default: false, description: 'With `_data`: messages as WhatsApp sent them' })),
});

const hasMessages = ({ responses }: Route): boolean => JSON.stringify(responses ?? {}).includes('"_data"');

const fieldsOf = (schema: TSchema | undefined): string[] =>
  Object.keys((schema as Partial<ObjectSchema>)?.properties ?? {});

/** One object with the fields of all: an agent does not care where each of them goes. */
const inputOf = (schemas: readonly (TSchema | undefined)[]): ObjectSchema => {
  const parts = schemas.map((schema) => (schema ?? {}) as Partial<ObjectSchema>);
  return {
    type: 'object',
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    required: [...new Set(parts.flatMap(({ required = [] }) => required))],
  };
};
