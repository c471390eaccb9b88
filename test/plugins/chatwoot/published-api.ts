import { compile, type TSchema, Type } from '../../../core/index.ts';

/**
 * The operations of Chatwoot's application API that are used, as its published document (swagger, `application`) has them: paths below
 * `/api/v1/accounts/{account_id}`, with their bodies. Two fields are Chatwoot's own code's and not in the document: `source_id` of a
 * new message, and `content_attributes` of one in a form.
 */
const object = Type.Object({}, { additionalProperties: true });
const optional = <S extends TSchema>(schema: S) => Type.Optional(schema);
const messageFields = {
  content: Type.String(),
  message_type: optional(Type.Enum(['outgoing', 'incoming'])),
  private: optional(Type.Boolean()),
  content_type: optional(Type.Enum(['text', 'input_email', 'cards', 'input_select', 'form', 'article'])),
  content_attributes: optional(object),
  campaign_id: optional(Type.Integer()),
  template_params: optional(object),
  source_id: optional(Type.String()),
};
const contactFields = {
  name: optional(Type.String()),
  email: optional(Type.String()),
  phone_number: optional(Type.String({ pattern: '^\\+[1-9]\\d{1,14}$' })),
  avatar_url: optional(Type.String()),
  identifier: optional(Type.String()),
  additional_attributes: optional(object),
  custom_attributes: optional(object),
};

interface Published {
  readonly method: string;
  readonly path: RegExp;
  readonly query?: readonly string[];
  readonly body?: TSchema;
  /** Takes a form with files, too. */
  readonly form?: boolean;
}

const published: readonly Published[] = [
  { method: 'GET', path: /^\/custom_attribute_definitions$/, query: ['attribute_model'] },
  {
    method: 'POST',
    path: /^\/custom_attribute_definitions$/,
    body: Type.Object({
      attribute_display_name: optional(Type.String()),
      attribute_display_type: optional(Type.Integer()),
      attribute_description: optional(Type.String()),
      attribute_key: optional(Type.String()),
      attribute_values: optional(Type.Array(Type.String())),
      attribute_model: optional(Type.Integer()),
    }),
  },
  {
    method: 'POST',
    path: /^\/contacts\/filter$/,
    query: ['page'],
    body: Type.Object({
      payload: Type.Array(
        Type.Object({
          attribute_key: Type.String(),
          filter_operator: Type.Enum(['equal_to', 'not_equal_to', 'contains', 'does_not_contain']),
          values: Type.Array(Type.String()),
          query_operator: optional(Type.Enum(['AND', 'OR'])),
        }),
      ),
    }),
  },
  { method: 'POST', path: /^\/contacts$/, body: Type.Object({ inbox_id: Type.Number(), ...contactFields }) },
  { method: 'PUT', path: /^\/contacts\/\d+$/, body: Type.Object(contactFields) },
  { method: 'GET', path: /^\/contacts\/\d+\/conversations$/ },
  {
    method: 'POST',
    path: /^\/contacts\/\d+\/contact_inboxes$/,
    body: Type.Object({ inbox_id: Type.Number(), source_id: optional(Type.String()) }),
  },
  {
    method: 'POST',
    path: /^\/conversations$/,
    body: Type.Object({
      source_id: Type.String(),
      inbox_id: optional(Type.Integer()),
      contact_id: optional(Type.Integer()),
      additional_attributes: optional(object),
      custom_attributes: optional(object),
      status: optional(Type.Enum(['open', 'resolved', 'pending'])),
      assignee_id: optional(Type.Integer()),
      team_id: optional(Type.Integer()),
      message: optional(object),
    }),
  },
  { method: 'GET', path: /^\/conversations\/\d+\/messages$/, query: ['before', 'after'] },
  { method: 'POST', path: /^\/conversations\/\d+\/messages$/, body: Type.Object(messageFields), form: true },
  {
    method: 'PATCH',
    path: /^\/conversations\/\d+\/messages\/\d+$/,
    body: Type.Object({
      status: Type.Enum(['sent', 'delivered', 'read', 'failed']),
      external_error: optional(Type.String()),
    }),
  },
  { method: 'POST', path: /^\/conversations\/\d+\/update_last_seen$/, body: Type.Object({}) },
];

/** What a request has that the document does not; null for one that follows it. */
export const outsideOf = (method: string, url: URL, body: unknown, isForm: boolean): string | null => {
  const path = url.pathname;
  const operation = published.find((one) => one.method === method && one.path.test(path));
  if (!operation) return `${method} ${path} is no operation`;
  const odd = [...url.searchParams.keys()].filter((name) => !operation.query?.includes(name));
  if (odd.length > 0) return `${method} ${path} has no parameter ${odd.join(', ')}`;
  if (isForm && !operation.form) return `${method} ${path} takes no form`;
  if (!operation.body) return null;
  const checked = compile(operation.body, { unknown: 'reject', coerce: isForm })(body);
  return checked.ok ? null : `${method} ${path}: ${checked.violations.map(({ message }) => message).join('; ')}`;
};
