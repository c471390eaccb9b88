import {
  type Groups,
  type Route,
  type RouteResponse,
  reply,
  route,
  type Sessions,
  type Static,
  type TSchema,
} from 'waha-runtime';
import { GroupParams, groupFailures } from './schemas.ts';

/** One operation on one group. The answer is a 200. */
export interface GroupCall<B extends TSchema | undefined> {
  readonly method: Route['method'];
  /** Behind `/api/{session}/groups/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly answer: RouteResponse;
  readonly body?: B;
  run(groups: Groups, id: string, body: B extends TSchema ? Static<B> : undefined): unknown;
}

export const groupCall = <B extends TSchema | undefined = undefined>(
  sessions: Sessions,
  { method, path, summary, description, answer, body, run }: GroupCall<B>,
): Route =>
  route({
    method,
    path: `/api/{session}/groups/{id}${path}`,
    summary,
    ...(description ? { description } : {}),
    params: GroupParams,
    ...(body ? { body: body as TSchema } : {}),
    responses: { 200: answer, ...groupFailures },
    async handle({ params, body: given }) {
      const groups = await sessions.capability(params.session, 'groups');
      return run(groups, params.id, given as B extends TSchema ? Static<B> : undefined);
    },
  });

/** A bare text, as WAHA sends it; as JSON for who asks for that. */
export const bareText = (text: string) => reply({ body: text, contentType: 'text/html; charset=utf-8', json: text });

export const nothing: RouteResponse = { description: 'Done' };
