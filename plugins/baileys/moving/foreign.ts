export { fileOfKey } from './files.ts';
export { findForeignSessions } from './foreign-sessions.ts';
export { findPostgresSessions } from './postgres/sessions.ts';
