import { definePlugin, Points, reply, route, Tokens, Type } from 'waha-runtime';
import { mcpApp } from './app.ts';
import type { McpServing } from './serve.ts';
import { type Tool, toolsOf } from './tools.ts';
import { WaitForMessage } from './wait-for-message.ts';

const McpConfig = Type.Object({
  rights: Type.Array(Type.Enum(['read', 'send', 'control', 'setting', 'app', 'delete', 'admin'], { type: 'string' }), {
    default: ['read'],
    description: 'What admin keys may do through this plugin. Limited keys have their own rights',
  }),
  origins: Type.Array(Type.String(), { default: [], description: 'Sites whose pages may call the server' }),
  hosts: Type.Array(Type.String(), {
    default: [],
    description: 'Names of the server that requests may use; any name when empty',
  }),
});

/** The API as tools for agents, over the Model Context Protocol. */
export default definePlugin({
  name: 'mcp',
  description: 'The API as tools for AI agents (Model Context Protocol)',
  config: McpConfig,
  needs: { clock: Tokens.Clock, runtime: Tokens.Runtime },
  wants: { keys: Tokens.ApiKeys, forwarder: Tokens.Forwarder },
  setup({ name, config, services, log, contribute, contributions, onChange, onClose }) {
    const waiting = new WaitForMessage(services.clock);
    let tools: ReadonlyMap<string, Tool> | undefined;
    const current = (): ReadonlyMap<string, Tool> => {
      tools ??= new Map([...toolsOf(contributions(Points.Routes), services.forwarder), [waiting.info.name, waiting]]);
      return tools;
    };
    onChange(Points.Routes, () => {
      tools = undefined;
    });
    // Those of all processes: the next message of a chat may come to another one.
    contribute(Points.EventSink, { name, scope: 'all', accepts: waiting.accepts, deliver: waiting.hear });
    let serving: Promise<McpServing> | undefined;
    // Not at the start: the protocol's package is large, and many deployments have no agents.
    const open = async (): Promise<McpServing> => {
      const { serveMcp } = await import('./serve.ts');
      return serveMcp({ ...config, version: services.runtime.version, log, tools: current });
    };
    const answer: McpServing['answer'] = async (request) => {
      serving ??= open();
      return (await serving).answer(request);
    };
    onClose(async () => (await serving)?.close());
    contribute(Points.App, mcpApp(services.keys));
    contribute(Points.Routes, {
      tag: 'Apps',
      description: 'Integrations of a session, and the API for AI agents',
      routes: [postRoute(answer), notAllowed('GET'), notAllowed('DELETE')],
    });
  },
});

const path = '/mcp';

/** A request is an object, or a list of them. A file in it is base64. */
const Message = Type.Unsafe<unknown>({ type: ['object', 'array'], contentEncoding: 'base64' });

const Answer = Type.Object({}, { additionalProperties: true, description: 'A message of JSON-RPC' });

const Refusal = Type.Object(
  {},
  { additionalProperties: true, description: 'An error of JSON-RPC, or the API’s error if the body is not JSON' },
);

const postRoute = (answer: McpServing['answer']) =>
  route({
    method: 'POST',
    path,
    session: 'any',
    right: 'any',
    summary: 'Call tools over the Model Context Protocol',
    description: 'Stateless streamable HTTP. The tools are the operations that the key may use.',
    body: Message,
    responses: {
      200: {
        description: 'The answer: as an event for versions of the protocol up to 2025, and as JSON for later ones',
        schema: Answer,
        content: { 'text/event-stream': Type.String() },
      },
      202: { description: 'The message needs no answer' },
      400: { description: 'The request is not a message of the protocol', schema: Refusal },
    },
    handle: answer,
  });

/** The protocol's clients ask whether there is more than requests, and take 405 for no. */
const notAllowed = (method: 'GET' | 'DELETE') =>
  route({
    method,
    path,
    session: 'any',
    right: 'any',
    summary: 'Nothing is kept between requests of the Model Context Protocol',
    responses: { 405: { description: 'Only POST' } },
    handle: () =>
      reply({
        status: 405,
        headers: { allow: 'POST' },
        json: { message: 'only POST', error: 'Method Not Allowed', statusCode: 405 },
      }),
  });
