/** `5511999990001@c.us` → `+5511999990001`; a group's or a hidden id stays what it is, without its server. */
export const numberOf = (id: string): string => {
  const [user = id, server] = id.split('@');
  return server === 'c.us' || server === 's.whatsapp.net' ? `+${user.split(':')[0]}` : user;
};

export const isGroup = (id: string): boolean => id.endsWith('@g.us');

/** What a person types for a chat: an id stays, a number becomes one. */
export const chatIdOf = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.includes('@') ? trimmed : `${trimmed.replace(/\D/g, '')}@c.us`;
};
